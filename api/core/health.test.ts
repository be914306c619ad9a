import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { createHealth, listenHealth } from './health.ts'
import { createMetrics } from './metrics.ts'

const metrics = createMetrics('test')
afterEach(() => metrics.registry.resetMetrics())

const aHealth = (over: Partial<Parameters<typeof createHealth>[0]> = {}) =>
  createHealth({
    name: 'test',
    checks: { database: async () => 1 },
    metrics,
    metricsToken: null,
    ...over,
  })
const bodyOf = ({ body }: { body: string }) => JSON.parse(body) as Record<string, unknown>

test('a process is ready while all it needs answers, and says what does not', async () => {
  expect(await aHealth().ready()).toMatchObject({ status: 200 })
  const checks = {
    database: async () => 1,
    storage: async () => {
      throw new Error('gone')
    },
  }
  const probe = await aHealth({ checks }).ready()
  expect(probe.status).toBe(503)
  expect(bodyOf(probe)).toMatchObject({ checks: { database: 'ok', storage: 'failed' } })
  expect(probe.body).not.toContain('gone')
})

test('a dependency that hangs counts as failed after its deadline', async () => {
  const probe = await aHealth({ checks: { database: () => new Promise(() => {}) } }).ready()
  expect(probe.status).toBe(503)
})

test('a draining process is not ready but alive', async () => {
  const health = aHealth()
  health.drain()
  expect((await health.ready()).status).toBe(503)
  expect(bodyOf(await health.ready())).toMatchObject({ draining: true })
  expect(health.live().status).toBe(200)
})

test('metrics ask for their token where one is set', async () => {
  const health = aHealth({ metricsToken: 'a-token' })
  expect((await health.metrics(undefined)).status).toBe(401)
  expect((await health.metrics('Bearer a-toke')).status).toBe(401)
  metrics.refused.inc({ check: 'signature' })
  const told = await health.metrics('Bearer a-token')
  expect(told.body).toMatch(/voxcalls_refused_checks_total\{check="signature",process="test"\} 1/)
})

test('a process without an HTTP server of its own is probed on a plain one', async () => {
  const server = await listenHealth(aHealth(), 0, '127.0.0.1')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${address.port}${path}`)).status
  expect(await Promise.all(['/livez', '/readyz', '/metrics', '/other'].map(ask))).toEqual([
    200, 200, 200, 404,
  ])
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
