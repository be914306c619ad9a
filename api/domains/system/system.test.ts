import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '#api/testing.ts'
import { changeSetting, currentSettings } from './service.ts'
import { settingsFrom } from './settings.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const at = (iso: string) => ({ ...api.ctx, now: () => new Date(iso) })

test('without any stored value the defaults count', () => {
  expect(settingsFrom(new Map())).toMatchObject({
    sliceSeconds: 60,
    renewWhenLeftSeconds: 30,
    minimumSliceSeconds: 10,
    platformMaxConcurrentCalls: 1_000,
  })
})

test('a value counts from its date on, and the one before it until then', async () => {
  const change = (value: number, effectiveFrom: string) =>
    changeSetting(api.ctx, {
      key: 'slice_seconds',
      value,
      effectiveFrom: new Date(effectiveFrom),
      reason: 'test',
    })
  await change(120, '2026-03-01T00:00:00Z')
  await change(90, '2026-02-01T00:00:00Z')
  const sliceAt = async (iso: string) => (await currentSettings(at(iso))).sliceSeconds
  expect(await sliceAt('2026-01-31T23:59:59.999Z')).toBe(60)
  expect(await sliceAt('2026-02-01T00:00:00.000Z')).toBe(90)
  expect(await sliceAt('2026-04-01T00:00:00.000Z')).toBe(120)
})

test('a value out of its bounds is neither stored nor served', async () => {
  const wrong = {
    key: 'minimum_slice_seconds',
    value: 0,
    effectiveFrom: new Date(),
    reason: 'test',
  } as const
  await expect(changeSetting(api.ctx, wrong)).rejects.toThrow()
  expect(() => settingsFrom(new Map([['slice_seconds', 'a minute']]))).toThrow()
})
