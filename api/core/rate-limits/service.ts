import { DomainError } from '#api/core/errors.ts'
import type { Logger } from '#api/core/log.ts'
import type { Signer } from '#api/core/signer.ts'
import type { Database } from '#db/client.ts'
import type { Limit } from './limits.ts'
import * as queries from './queries.ts'
import { chunkOf, STEPS, stepMsOf, Window } from './window.ts'

export type Verdict = {
  limit: Limit
  allowed: boolean
  remaining: number
  /** Until there is more room than now; for a refused request, until there is any. */
  resetSeconds: number
}
export type RateLimiter = { take(limit: Limit, subject: string): Promise<Verdict> }

const MAX_WINDOWS = 20_000 // subjects remembered at once, at about 1 KB each; the longest unseen is forgotten
const AWAY_MS = 1_000 // after a failed report nobody waits for the database again this long

export const tooMany = (retryAfterSeconds: number) =>
  new DomainError('request.too_many', 429, 'Too many requests. Try again a little later.', {
    retryAfterSeconds,
  })

/**
 * Counts use in sliding windows that all processes share. Each admits up to a chunk, 5 % of the limit, on what it
 * knows and then reports it in one short transaction, from which it learns what the others used; the request that
 * fills the chunk waits for that answer. So a report costs one in 5 % of the limit, and what all processes together
 * admit in any window is at most the limit and, for each process, one request less than a chunk: with two processes
 * less than 10 % more. Windows slide in steps of 5 %, and the straddling step counts whole, so a steady stream gets
 * at least 95 % of its limit. While the database is away everything is admitted: what needs it fails anyway.
 */
export function createRateLimiter(deps: {
  database: Database
  signer: Signer
  log: Logger
}): RateLimiter {
  const windows = new Map<string, Window>()
  let databaseAheadMs = Date.now() - performance.now()
  let awayUntilMs = 0
  const nowMs = () => performance.now() + databaseAheadMs

  function windowOf(key: string, limit: Limit): Window {
    const window = windows.get(key) ?? new Window(limit)
    windows.delete(key)
    windows.set(key, window)
    const [longestUnseen] = windows.keys()
    if (windows.size > MAX_WINDOWS && longestUnseen !== undefined) windows.delete(longestUnseen)
    return window
  }

  /** Tells what was used and lets in whom the answer has room for, until nobody asks any more. */
  async function report(key: string, limit: Limit, window: Window): Promise<void> {
    window.isReporting = true
    while (window.asking.length > 0) {
      const waiting = window.asking.splice(0)
      const spent = window.unreported
      window.unreported = 0
      window.inFlight = spent + waiting.length
      let granted = waiting.length
      try {
        const told = await deps.database.withPlatform((db) =>
          queries.take(db, {
            // Addresses and ids stay out of the table.
            key: deps.signer.sign('rate-limit', key),
            count: limit.count,
            steps: STEPS,
            stepMs: stepMsOf(limit),
            spent,
            asking: waiting.length,
          }),
        )
        granted = told.granted
        databaseAheadMs = told.nowMs - performance.now()
        window.learn(told.used)
      } catch (error) {
        awayUntilMs = performance.now() + AWAY_MS
        window.unreported += spent
        deps.log.warn(
          { err: error, limit: limit.name },
          'use could not be counted, so it is let in',
        )
      }
      window.inFlight = 0
      for (const [place, answer] of waiting.entries()) answer(place < granted)
    }
    window.isReporting = false
  }

  async function isAdmitted(key: string, limit: Limit, window: Window): Promise<boolean> {
    if (performance.now() < awayUntilMs) return true
    if (window.used >= limit.count) return false
    // During a report the next requests wait for it too, or a process could be two chunks ahead.
    if (!window.isReporting && window.unreported + 1 < chunkOf(limit)) {
      window.unreported++
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    window.asking.push(resolve)
    if (!window.isReporting) void report(key, limit, window)
    return promise
  }

  return {
    async take(limit, subject) {
      const key = `${limit.name}:${subject}`
      const window = windowOf(key, limit)
      window.slideTo(nowMs())
      const allowed = await isAdmitted(key, limit, window)
      const waitMs = window.msUntilRoomFor(allowed ? limit.count - window.used + 1 : 1, nowMs())
      return {
        limit,
        allowed,
        remaining: Math.max(0, limit.count - window.used),
        resetSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      }
    },
  }
}
