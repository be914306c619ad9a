import type { Context } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { type CallNote, noteCallEvents, type RunningCall } from '#api/domains/calls/service.ts'

type Noted = { call: RunningCall; notes: readonly CallNote[]; done: PromiseWithResolvers<void> }

/**
 * Writes the timelines of a gateway's calls: what several calls of an organization want written in the same moment
 * becomes one statement, since a transaction for each call costs more than its audio.
 */
export class TimelineWriter {
  readonly #ctx: Context
  #waiting: Noted[] = []

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  write(call: RunningCall, notes: readonly CallNote[]): Promise<void> {
    const done = Promise.withResolvers<void>()
    if (this.#waiting.push({ call, notes, done }) === 1) queueMicrotask(() => this.#writeAll())
    return done.promise
  }

  #writeAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const [organizationId, noted] of Map.groupBy(waiting, ({ call }) => call.organizationId))
      void this.#writeTogether(organizationId, noted)
  }

  async #writeTogether(organizationId: string, noted: readonly Noted[]): Promise<void> {
    try {
      const calls = noted.map(({ call, notes }) => ({ ...owned(call), notes }))
      await noteCallEvents(this.#ctx, organizationId, calls)
      for (const { done } of noted) done.resolve()
    } catch (error) {
      // What one call says may be refused: the others' is written, and each learns about its own.
      if (noted.length > 1 && error instanceof DomainError && error.status < 500)
        for (const one of noted) await this.#writeTogether(organizationId, [one])
      else for (const { done } of noted) done.reject(error)
    }
  }
}

const owned = ({ callId, epoch }: RunningCall) => ({ callId, epoch })
