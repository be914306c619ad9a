import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMetrics } from './core/metrics.ts'
import { aCallCentre, aRingingCall, setPrice } from './domains/calls/testing.ts'
import { addPlatformMetrics } from './platform-metrics.ts'
import { type TestApi, testApi } from './testing.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await setPrice(api)
})
afterAll(() => api?.close())

test('calls by state and open holds of all organizations are told, without settled ones', async () => {
  for (let organization = 0; organization < 2; organization++)
    await aRingingCall(api, await aCallCentre(api))
  const paused = await aCallCentre(api, { status: 'paused' })
  await expect(aRingingCall(api, paused)).rejects.toMatchObject({
    code: 'calls.organization_not_active',
  })
  const metrics = createMetrics('test')
  addPlatformMetrics(metrics, api.ctx)
  const told = await metrics.registry.metrics()
  expect(told).toContain('voxcalls_calls{state="authorized",process="test"} 2\n')
  expect(told).toContain('voxcalls_open_holds{process="test"} 2\n')
  expect(told).not.toContain('state="settled"')
  metrics.stop()
})

test('without a database everything else is still told', async () => {
  const metrics = createMetrics('test')
  const withPlatform = () => Promise.reject(new Error('no database'))
  const database = { ...api.ctx.database, withPlatform }
  addPlatformMetrics(metrics, { ...api.ctx, database })
  const told = await metrics.registry.metrics()
  expect(told).toContain('process_cpu_seconds_total')
  expect(told).not.toMatch(/^voxcalls_(calls|open_holds)\{/m)
  metrics.stop()
})
