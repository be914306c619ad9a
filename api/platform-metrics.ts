import { Gauge } from 'prom-client'
import { asPlatform, type Context } from './core/context.ts'
import { kept } from './core/kept.ts'
import type { Metrics } from './core/metrics.ts'
import { countCallsByState } from './domains/calls/service.ts'
import { sumOpenHolds } from './domains/wallet/service.ts'

const FRESH_MS = 15_000 // scrapes come about this often; several scrapers cost no more than one

type Reading = { calls: { state: string; count: number }[]; holds: number }

/** Calls and holds of the whole platform, asked of the database when Prometheus asks (THREATS Z9). */
export function addPlatformMetrics({ registry }: Metrics, ctx: Context): void {
  const read = kept(FRESH_MS, () => ask(ctx))
  new Gauge({
    name: 'voxcalls_calls',
    help: 'Calls of the platform that are not settled, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const reading = await read()
      this.reset()
      for (const { state, count } of reading?.calls ?? []) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'voxcalls_open_holds',
    help: 'Holds of the platform that are open',
    registers: [registry],
    async collect() {
      const reading = await read()
      // No figure is better than yesterday's.
      this.remove()
      if (reading) this.set(reading.holds)
    },
  })
}

/** What else there is to tell is told without a database too. */
async function ask(ctx: Context): Promise<Reading | null> {
  try {
    return await asPlatform(ctx, async (tx) => ({
      calls: await countCallsByState(tx),
      holds: (await sumOpenHolds(tx)).open,
    }))
  } catch (error) {
    ctx.log.warn({ err: error }, 'the platform could not be measured')
    return null
  }
}
