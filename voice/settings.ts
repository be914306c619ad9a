import type { Context } from '#api/core/context.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type { Clock } from './clock.ts'

export type KeptSettings = {
  readonly sliceSeconds: number
  readonly minimumSliceSeconds: number
  readonly renewWhenLeftSeconds: number
  stop(): void
}

const REFRESH_MS = 5_000 // how late a change may count here; one short read a process

/**
 * The platform's settings as they are in force, read again and again: a change, also one that was scheduled long
 * ago, counts for calls that run already. While the database is away the last ones known count.
 */
export async function keepSettings(ctx: Context, clock: Clock): Promise<KeptSettings> {
  let known = await currentSettings(ctx)
  let isBehind = false
  let isStopped = false
  let timer = clock.after(REFRESH_MS, refresh)

  function refresh(): void {
    void currentSettings(ctx)
      .then(
        (settings) => {
          known = settings
          isBehind = false
        },
        (error: unknown) => {
          if (!isBehind) ctx.log.warn({ err: error }, 'the settings could not be read again')
          isBehind = true
        },
      )
      .then(() => {
        if (!isStopped) timer = clock.after(REFRESH_MS, refresh)
      })
  }

  return {
    get sliceSeconds() {
      return known.sliceSeconds
    },
    get minimumSliceSeconds() {
      return known.minimumSliceSeconds
    },
    get renewWhenLeftSeconds() {
      return known.renewWhenLeftSeconds
    },
    stop() {
      isStopped = true
      timer.cancel()
    },
  }
}
