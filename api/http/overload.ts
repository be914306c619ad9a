import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { unavailable } from '#api/core/errors.ts'
import type { Metrics } from '#api/core/metrics.ts'

const MAX_DELAY_MS = 250 // THREATS F12: beyond it new work only makes what is running later
const WINDOW_MS = 1_000 // long enough to see a queue, short enough to take work again soon
const SAMPLE_MS = 10
const RETRY_AFTER_SECONDS = 2

/** How late this process's event loop was, on average, in the last second. */
export function watchDelay(): { delayMs(): number; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS })
  histogram.enable()
  let lastMs = 0
  const timer = setInterval(() => {
    // The histogram counts the sampling interval itself as delay.
    lastMs = Math.max(0, histogram.mean / 1e6 - SAMPLE_MS) || 0
    histogram.reset()
  }, WINDOW_MS)
  timer.unref()
  return {
    delayMs: () => lastMs,
    stop() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}

/** Refuses new requests while the process is late; probes are answered, or it would be restarted. */
export function shedOverload(
  app: FastifyInstance,
  metrics: Metrics,
  watch: { delayMs(): number; stop(): void } = watchDelay(),
): void {
  app.addHook('onRequest', async (request) => {
    if (watch.delayMs() <= MAX_DELAY_MS) return
    if (request.routeOptions.config.endpoint?.permission === 'anyone') return
    metrics.refused.inc({ check: 'overload' })
    throw unavailable(RETRY_AFTER_SECONDS)
  })
  app.addHook('onClose', async () => watch.stop())
}
