import { type Db, runInTransaction } from './client.ts'
import { DEAD_LETTERS, JOBS_SCHEMA } from './queue.ts'

// What the platform's office sees and does of the queue's tables, under the platform role.

export type QueueFigures = {
  name: string
  waiting: number
  active: number
  failed: number
  /** Null where nothing that is due waits. */
  oldestWaitingSeconds: number | null
}

export type FailedJob = {
  id: string
  queue: string
  data: unknown
  error: string | null
  tries: number
  createdAt: Date
  failedAt: Date
}

/** Every queue, also one in which nothing lies. Jobs that are done are not read. */
export async function listQueues(db: Db): Promise<QueueFigures[]> {
  return await runInTransaction<QueueFigures>(
    db,
    `with unfinished as (
       select name,
              count(*) filter (where state < 'active') as waiting,
              count(*) filter (where state = 'active') as active,
              extract(epoch from now() - min(start_after) filter (where state < 'active' and start_after <= now())) as age
         from ${JOBS_SCHEMA}.job where state <= 'active' and name <> $1 group by name),
     dead as (
       select source_name as name, count(*) as failed from ${JOBS_SCHEMA}.job
        where name = $1 and state < 'active' group by source_name)
     select q.name, coalesce(u.waiting, 0)::int as waiting, coalesce(u.active, 0)::int as active,
            coalesce(d.failed, 0)::int as failed, floor(u.age)::int as "oldestWaitingSeconds"
       from ${JOBS_SCHEMA}.queue q
       left join unfinished u on u.name = q.name left join dead d on d.name = q.name
      where q.name <> $1 and q.name not like '\\_\\_pgboss%'
      order by q.name`,
    [DEAD_LETTERS],
  )
}

/** Dead letters, newest first, at most `limit`. */
export async function listFailedJobs(
  db: Db,
  page: { limit: number; queue?: string; before?: { at: Date; id: string } },
): Promise<FailedJob[]> {
  // A cursor holds milliseconds, so that is what the order goes by.
  const failedAt = `date_trunc('milliseconds', created_on)`
  return await runInTransaction<FailedJob>(
    db,
    `select id, source_name as queue, data,
            coalesce(source_output ->> 'error', source_output ->> 'message', source_output -> 'value' ->> 'message') as error,
            coalesce(source_retry_count, 0) + 1 as tries,
            coalesce(source_created_on, created_on) as "createdAt", ${failedAt} as "failedAt"
       from ${JOBS_SCHEMA}.job
      where name = $1 and state < 'active' and source_name is not null
        and ($2::text is null or source_name = $2)
        and ($3::timestamptz is null or (${failedAt}, id) < ($3, $4::uuid))
      order by ${failedAt} desc, id desc limit $5`,
    [
      DEAD_LETTERS,
      page.queue ?? null,
      page.before?.at ?? null,
      page.before?.id ?? null,
      page.limit,
    ],
  )
}

export type TakenJob = { id: string; queue: string; data: unknown }

/**
 * Takes one dead letter away, to be sent again in the same transaction. Of two who take it at once the second
 * waits, and finds it gone.
 */
export async function takeFailedJob(db: Db, id: string): Promise<TakenJob | undefined> {
  const [taken] = await runInTransaction<TakenJob>(
    db,
    `delete from ${JOBS_SCHEMA}.job
      where name = $1 and id = $2 and state < 'active' and source_name is not null
      returning id, source_name as queue, data`,
    [DEAD_LETTERS, id],
  )
  return taken
}

/**
 * Takes the oldest dead letters of one queue that are `readable`; those that somebody else is taking at the moment
 * are left to him.
 */
export async function takeFailedJobs(
  db: Db,
  queue: string,
  atMost: number,
  readable: (data: unknown) => boolean,
): Promise<TakenJob[]> {
  const found = await runInTransaction<TakenJob>(
    db,
    `select id, source_name as queue, data from ${JOBS_SCHEMA}.job
      where name = $1 and state < 'active' and source_name = $2
      order by created_on limit $3 for update skip locked`,
    [DEAD_LETTERS, queue, atMost],
  )
  const taken = found.filter(({ data }) => readable(data))
  await runInTransaction(db, `delete from ${JOBS_SCHEMA}.job where name = $1 and id = any($2)`, [
    DEAD_LETTERS,
    taken.map(({ id }) => id),
  ])
  return taken
}
