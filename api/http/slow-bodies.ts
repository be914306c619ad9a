import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { BODY_TIMEOUT_MS, giveUpOn } from '#api/core/http-limits.ts'

/** Hangs up on bodies that trickle in (THREATS X-http). Files have the server's own, longer time. */
export function hangUpOnSlowBodies(app: FastifyInstance, withinMs = BODY_TIMEOUT_MS): void {
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    const { socket } = raw
    // A request that a test injects comes over no connection.
    if (routeOptions.config.endpoint?.upload || !(socket instanceof Socket)) return
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers
    if (encoding === undefined && Number(length ?? 0) === 0) return
    const timer = setTimeout(() => {
      if (!raw.complete) giveUpOn(socket)
    }, withinMs)
    // Not with the answer: who is refused early may still send for minutes.
    raw.once('close', () => clearTimeout(timer))
  })
}
