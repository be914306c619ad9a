import { lt, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { rateWindows } from '#db/schema/rate-limits.ts'

export type Report = {
  key: string
  count: number
  steps: number
  stepMs: number
  /** Admitted already: counted whatever the limit says. */
  spent: number
  /** Waiting to be admitted. */
  asking: number
}
export type Told = {
  granted: number
  nowMs: number
  /** The use of all processes, this report included. */
  used: { startsMs: number; used: number }[]
}

/** Counts what a process used and grants what is left. Two statements: the second must see what the lock waited for. */
export async function take(db: Db, r: Report): Promise<Told> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${r.key}, 0))`)
  const { rows } = await db.execute<{
    granted: number
    now_ms: number
    starts_ms: number
    known: { startsMs: number; used: number }[]
  }>(sql`
    with clock as (select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms),
    step as (select now_ms, now_ms / ${r.stepMs}::int * ${r.stepMs}::int as starts_ms from clock),
    known as (
      select (extract(epoch from window_start) * 1000)::bigint as starts_ms, used
        from rate_windows, step
       where key = ${r.key}
         and window_start >= to_timestamp((starts_ms - ${r.steps}::int * ${r.stepMs}::int) / 1000.0)
    ),
    room as (
      select least(${r.asking}::int, greatest(0, ${r.count}::int - ${r.spent}::int - coalesce(sum(used), 0)))::int as granted
        from known
    ),
    counted as (
      insert into rate_windows (key, window_start, used, expires_at)
      select ${r.key}, to_timestamp(starts_ms / 1000.0), ${r.spent}::int + granted,
             to_timestamp((starts_ms + ${r.steps + 1}::int * ${r.stepMs}::int) / 1000.0)
        from step, room where ${r.spent}::int + granted > 0
      on conflict (key, window_start) do update set used = rate_windows.used + excluded.used
    )
    select granted, now_ms, starts_ms,
           (select coalesce(json_agg(json_build_object('startsMs', starts_ms, 'used', used)), '[]') from known) as known
      from step, room`)
  const [row] = rows
  if (!row) throw new Error('a report of use was not answered')
  const added = { startsMs: row.starts_ms, used: r.spent + row.granted }
  return { granted: row.granted, nowMs: row.now_ms, used: [...row.known, added] }
}

export async function deleteExpired(db: Db, at: Date): Promise<number> {
  const { rowCount } = await db.delete(rateWindows).where(lt(rateWindows.expiresAt, at))
  return rowCount ?? 0
}
