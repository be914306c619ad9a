import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { problem } from '#api/contract/problem.ts'
import { loadConfig } from '#api/core/config.ts'
import { createHttp } from '#api/http/http.ts'
import { networkOf } from '#api/http/limits.ts'
import { serve, serveBytes } from '#api/http/serve.ts'
import { type Person, type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import { limitsFrom } from './limits.ts'
import * as queries from './queries.ts'
import { createRateLimiter } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi({ RATE_LIMITS: 'organization=900' })
})
afterAll(() => api.close())

const usual = limitsFrom('')
if (!usual) throw new Error('the usual limits are not readable')
const read = { method: 'GET', summary: 'x', response: z.object({}) } as const

/** A process of its own over the same database. */
async function aProcess(over: Record<string, string> = {}): Promise<FastifyInstance> {
  const config = loadConfig(testEnvironment({ RATE_LIMITS: '', ...over }))
  const { app } = await createHttp({ ...api.deps, config })
  serve(app, { ...read, path: '/own', permission: 'organization.read' }, async () => ({}))
  serve(app, { ...read, path: '/open', permission: 'anyone' }, async () => ({}))
  serve(app, { ...read, path: '/probe', permission: 'anyone', limit: 'none' }, async () => ({}))
  serve(
    app,
    {
      ...read,
      method: 'POST',
      path: '/invites',
      permission: 'members.invite',
      limit: 'invites',
      body: z.strictObject({ email: z.email() }),
    },
    async () => ({}),
  )
  serveBytes(
    app,
    {
      ...read,
      path: '/export.csv',
      permission: 'audit.read',
      bytes: { contentTypes: ['text/csv'] },
    },
    async (_ctx, _received, { reply }) => reply.type('text/csv').send('a'),
  )
  return app
}
const ask = (app: FastifyInstance, url: string, as?: Person, headers = {}) =>
  app.inject({ url, headers: { ...headers, ...(as && { authorization: `Bearer ${as.token}` }) } })
const invite = (app: FastifyInstance, as: Person, email = 'a@voxcalls.test') =>
  app.inject({
    method: 'POST',
    url: '/invites',
    headers: { authorization: `Bearer ${as.token}` },
    payload: { email },
  })
/** Nobody else's address. */
let addresses = 0
const anAddress = () => `203.0.113.${++addresses}`
const from = (app: FastifyInstance, remoteAddress: string, url = '/open', headers = {}) =>
  app.inject({ url, remoteAddress, headers })
const forget = () => api.database.query('app', 'delete from rate_windows')

test('two processes together admit a person the limit and less than a tenth more', async () => {
  const processes = [await aProcess(), await aProcess()]
  const person = await api.aHolderOf('admin')
  const admitted = async (app: FastifyInstance) => {
    let count = 0
    for (let batch = 0; batch < 70; batch++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(app, '/own', person)))
      count += answers.filter(({ statusCode }) => statusCode === 200).length
    }
    return count
  }
  const [one = 0, other = 0] = await Promise.all(processes.map(admitted))
  expect(one + other).toBeGreaterThanOrEqual(600)
  expect(one + other).toBeLessThan(660)
  expect(Math.min(one, other)).toBeGreaterThan(0)
  await Promise.all(processes.map((app) => app.close()))
}, 60_000)

test('the excess is bounded for whatever split between processes, and so are the reports', async () => {
  for (const shares of [
    [1, 1],
    [9, 1],
    [1, 0],
  ]) {
    await forget()
    let reports = 0
    const database = {
      ...api.deps.database,
      withPlatform: ((work) => {
        reports++
        return api.deps.database.withPlatform(work)
      }) as typeof api.deps.database.withPlatform,
    }
    const limiters = shares.map(() => createRateLimiter({ ...api.deps, database }))
    let admitted = 0
    for (let turn = 0; turn < 1_200; turn++) {
      const chosen = limiters[turn % 10 < (shares[0] === 9 ? 9 : shares[1] === 0 ? 10 : 5) ? 0 : 1]
      if ((await chosen?.take(usual.user, 'split'))?.allowed) admitted++
    }
    expect(admitted).toBeGreaterThanOrEqual(600)
    expect(admitted).toBeLessThan(660)
    // One a chunk, and one of each process that learns that nothing is left.
    expect(reports).toBeLessThanOrEqual(admitted / 30 + 2)
  }
})

test('a hundred at once pass no more than the limit, without a report each', async () => {
  await forget()
  const limiter = createRateLimiter(api.deps)
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, () => limiter.take(usual.invites, 'at once')),
  )
  expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(20)
})

test('what was used an hour ago is not held against anybody', async () => {
  await forget()
  const first = createRateLimiter(api.deps)
  for (let i = 0; i < 20; i++) expect((await first.take(usual.invites, 'x')).allowed).toBe(true)
  const refused = await createRateLimiter(api.deps).take(usual.invites, 'x')
  expect(refused).toMatchObject({ allowed: false, remaining: 0 })
  expect(refused.resetSeconds).toBeGreaterThan(3_000)
  expect(refused.resetSeconds).toBeLessThanOrEqual(3_780)
  const age = (minutes: number) =>
    api.database.query(
      'app',
      `update rate_windows set window_start = window_start - make_interval(mins => $1)`,
      [minutes],
    )
  await age(30)
  expect((await createRateLimiter(api.deps).take(usual.invites, 'x')).allowed).toBe(false)
  await age(34)
  expect((await createRateLimiter(api.deps).take(usual.invites, 'x')).allowed).toBe(true)
})

test('the table names nobody, and what expired is deleted', async () => {
  await forget()
  await createRateLimiter(api.deps).take(usual.invites, '203.0.113.77')
  const rows = await api.database.query<{ key: string; used: number }>(
    'app',
    'select key, used from rate_windows',
  )
  expect(rows).toEqual([{ key: expect.stringMatching(/^[\w-]{43}$/), used: 1 }])
  const deleted = (at: number) =>
    api.deps.database.withPlatform((db) => queries.deleteExpired(db, new Date(at)))
  expect(await deleted(Date.now())).toBe(0)
  expect(await deleted(Date.now() + 2 * 3_600_000)).toBe(1)
})

test('an address without a session gets 60 a minute, then 429 with the time to come back', async () => {
  const app = await aProcess()
  const address = anAddress()
  for (let i = 0; i < 60; i++) expect((await from(app, address)).statusCode).toBe(200)
  const refused = await from(app, address)
  expect(refused.statusCode).toBe(429)
  expect(problem.parse(refused.json()).code).toBe('request.too_many')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
  expect(refused.headers['ratelimit-policy']).toBe('"anonymous";q=60;w=60')
  expect(refused.headers.ratelimit).toMatch(/^"anonymous";r=0;t=\d+$/)
  expect((await from(app, anAddress())).statusCode).toBe(200)
  await app.close()
})

test('guessing tokens and paths counts against the address, probes count for nobody', async () => {
  const app = await aProcess({ RATE_LIMITS: 'anonymous=4' })
  const address = anAddress()
  const guess = { authorization: 'Bearer guess' }
  const statuses = [
    await from(app, address, '/own', guess),
    await from(app, address, '/own'),
    await from(app, address, '/nowhere'),
    await from(app, address, '/own', guess),
    await from(app, address, '/own', guess),
    await from(app, address, '/nowhere'),
    await from(app, address, '/probe'),
  ].map(({ statusCode }) => statusCode)
  expect(statuses).toEqual([401, 401, 404, 401, 429, 429, 200])
  const person = await api.aHolderOf('admin')
  const headers = { authorization: `Bearer ${person.token}` }
  expect((await from(app, address, '/own', headers)).statusCode).toBe(200)
  await app.close()
})

test('a forwarded address is believed from a trusted proxy only', async () => {
  const [app, behind] = [
    await aProcess({ RATE_LIMITS: 'anonymous=1' }),
    await aProcess({ RATE_LIMITS: 'anonymous=1', TRUSTED_PROXIES: '10.0.0.0/8' }),
  ]
  const forwarded = (to: FastifyInstance, proxy: string, client: string) =>
    from(to, proxy, '/open', { 'x-forwarded-for': client })
  const liar = anAddress()
  expect((await forwarded(app, liar, anAddress())).statusCode).toBe(200)
  expect((await forwarded(app, liar, anAddress())).statusCode).toBe(429)
  expect((await forwarded(behind, '10.1.2.3', anAddress())).statusCode).toBe(200)
  expect((await forwarded(behind, '10.1.2.3', anAddress())).statusCode).toBe(200)
  const another = anAddress()
  expect((await forwarded(behind, another, anAddress())).statusCode).toBe(200)
  expect((await forwarded(behind, another, anAddress())).statusCode).toBe(429)
  await app.close()
  await behind.close()
})

test('an IPv6 customer is one whatever address of its network it uses', () => {
  expect(networkOf('2001:db8:1:2:aaaa::1')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:0db8:0001:0002::ffff')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9')
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9')
})

test('an organization’s people share its limit and keep their own', async () => {
  const app = await aProcess({ RATE_LIMITS: 'user=3,organization=5' })
  const organizationId = await api.database.anOrganization()
  const people = [
    await api.aHolderOf('admin', organizationId),
    await api.aHolderOf('admin', organizationId),
  ]
  const statuses: number[] = []
  for (const person of [0, 0, 0, 0, 1, 1, 1])
    statuses.push((await ask(app, '/own', people[person])).statusCode)
  expect(statuses).toEqual([200, 200, 200, 429, 200, 200, 429])
  const answer = await ask(app, '/own', await api.aHolderOf('admin'))
  expect(answer.headers['ratelimit-policy']).toBe('"user";q=3;w=60, "organization";q=5;w=60')
  await app.close()
})

test('invitations count for the organization and only when they could be made', async () => {
  const app = await aProcess({ RATE_LIMITS: 'invites=2' })
  const organizationId = await api.database.anOrganization()
  const [one, other] = [
    await api.aHolderOf('admin', organizationId),
    await api.aHolderOf('admin', organizationId),
  ]
  const statuses = [
    await invite(app, one, 'no address'),
    await invite(app, one),
    await invite(app, other),
    await invite(app, other),
    await invite(app, await api.aHolderOf('admin')),
  ].map(({ statusCode }) => statusCode)
  expect(statuses).toEqual([400, 200, 200, 429, 200])
  await app.close()
})

test('downloads of CSV count as the person’s exports', async () => {
  const app = await aProcess()
  const person = await api.aHolderOf('admin')
  const statuses: number[] = []
  for (let i = 0; i < 11; i++) statuses.push((await ask(app, '/export.csv', person)).statusCode)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  await app.close()
})

test('while the database is away requests are let in, with one line in the log', async () => {
  const away = { ...api.deps.database, withPlatform: () => Promise.reject(new Error('away')) }
  const before = api.logged().length
  const limiter = createRateLimiter({ ...api.deps, database: away })
  for (let i = 0; i < 50; i++)
    expect((await limiter.take(usual.exports, 'anybody')).allowed).toBe(true)
  const lines = api.logged().slice(before)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({
    limit: 'exports',
    msg: 'use could not be counted, so it is let in',
  })
})
