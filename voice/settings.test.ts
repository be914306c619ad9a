import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Context } from '#api/core/context.ts'
import { unavailable } from '#api/core/errors.ts'
import { changeSetting } from '#api/domains/system/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { handWoundClock } from './clock.ts'
import { keepSettings } from './settings.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const REFRESH_MS = 5_000

test('a change counts for what runs, at once and on its day, and a database away keeps what was known', async () => {
  let now = new Date()
  let isAway = false
  let reads = 0
  const { database } = api.ctx
  const ctx: Context = {
    ...api.ctx,
    now: () => now,
    database: {
      ...database,
      withApp: async (work) => {
        reads++
        if (isAway) throw unavailable(1)
        return database.withApp(work)
      },
    },
  }
  const clock = handWoundClock()
  const settings = await keepSettings(ctx, clock)
  const afterRefresh = async (expected: number) => {
    const before = reads
    // The read before has set the timer only when it was done, so the clock is wound until one begins.
    await vi.waitFor(() => {
      clock.advance(REFRESH_MS)
      expect(reads).toBeGreaterThan(before)
    })
    await vi.waitFor(() => expect(settings.sliceSeconds).toBe(expected))
  }
  expect([settings.sliceSeconds, settings.renewWhenLeftSeconds]).toEqual([60, 30])

  await changeSetting(ctx, 'slice_seconds', { value: 90, reason: 'test' })
  const tomorrow = new Date(now.getTime() + 86_400_000)
  await changeSetting(ctx, 'slice_seconds', {
    value: 120,
    effectiveFrom: tomorrow,
    reason: 'test',
  })
  await afterRefresh(90)

  isAway = true
  now = tomorrow
  await afterRefresh(90)
  await afterRefresh(90)
  const warnings = () =>
    api.logged().filter(({ msg }) => msg === 'the settings could not be read again')
  await vi.waitFor(() => expect(warnings()).toHaveLength(1))
  isAway = false
  await afterRefresh(120)
  settings.stop()
  const before = reads
  clock.advance(10 * REFRESH_MS)
  expect(reads).toBe(before)
})
