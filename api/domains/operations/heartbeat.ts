import { randomUUIDv7 } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import type { Breakers } from '#api/core/vendors.ts'
import type { Db } from '#db/client.ts'
import * as queries from './queries.ts'

const BEAT_MS = 5_000
/** Three signs of life missed. */
export const LOST_AFTER_SECONDS = 16
const FORGOTTEN_AFTER_SECONDS = 3_600 // who crashed is shown for an hour
const RESOLUTION_MS = 20 // far finer than the delays at which work is refused (THREATS F12)
const NANOSECONDS_A_MS = 1e6
const MOST_BREAKERS = 50 // a row stays small, whatever tenants' accounts do

export type Alive = {
  kind: 'api' | 'worker' | 'voice'
  name: string
  breakers: Breakers
  isDraining(): boolean
  /** Of a gateway. */
  gateway?(): NonNullable<queries.Said['gateway']>
}

/** Vendors that a process which lives has given up for now. */
export const openBreakers = (db: Db): Promise<string[]> =>
  queries.listOpenBreakers(db, LOST_AFTER_SECONDS)

/**
 * Tells the office every few seconds that this process lives, and how it does. `stop` tells that it ended; of one that
 * was killed the last word stays. While the database is away nothing is told, and nothing else suffers.
 */
export function keepHeartbeat(ctx: Context, alive: Alive): { stop(): Promise<void> } {
  const id = randomUUIDv7()
  const startedAt = ctx.now()
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let beating: Promise<void> | undefined
  const say = async () => {
    const said: queries.Said = {
      id,
      kind: alive.kind,
      name: alive.name,
      version,
      startedAt,
      isDraining: alive.isDraining(),
      eventLoopDelayMs: Math.max(0, Math.round(delay.percentile(99) / NANOSECONDS_A_MS)),
      gateway: alive.gateway?.() ?? null,
      breakers: troubled(alive.breakers),
    }
    delay.reset()
    await asPlatform(ctx, async (tx) => {
      await queries.upsertProcess(tx.db, said)
      await queries.deleteProcessesUnheard(tx.db, FORGOTTEN_AFTER_SECONDS)
    })
  }
  const unheard = (error: unknown) =>
    ctx.log.debug({ err: error }, 'no sign of life could be given')
  const beat = () => {
    beating ??= say()
      .catch(unheard)
      .finally(() => {
        beating = undefined
      })
  }
  beat()
  const timer = setInterval(beat, BEAT_MS)
  return {
    async stop() {
      clearInterval(timer)
      delay.disable()
      await beating
      await asPlatform(ctx, (tx) => queries.deleteProcess(tx.db, id)).catch(unheard)
    },
  }
}

const troubled = (breakers: Breakers): queries.Said['breakers'] =>
  breakers
    .readings()
    .flatMap(({ vendor, account, state }) =>
      state === 'closed' ? [] : [{ vendor, account, state }],
    )
    .slice(0, MOST_BREAKERS)

const manifest = new URL('../../../package.json', import.meta.url)
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(manifest, 'utf8')))
