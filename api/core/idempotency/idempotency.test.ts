import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { problem } from '#api/contract/problem.ts'
import { type Context, forOrganization, inTransaction } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { createHttp } from '#api/http/http.ts'
import { serve, serveClaimed } from '#api/http/serve.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { adjustWallet } from '#contracts/wallet'
import { forgetAnswers } from './service.ts'

let api: TestApi
let app: FastifyInstance
let admin: Person
/** Runs inside the handler, after its effect. */
let meanwhile: (ctx: Context) => Promise<void>
let finished: string[]

const declared = {
  method: 'POST',
  permission: 'agents.write',
  summary: 'x',
  idempotent: true,
  body: z.strictObject({ note: z.string() }),
} as const
const write = endpoint({
  ...declared,
  path: '/notes',
  status: 201,
  response: z.object({ id: z.string(), at: instant }),
})
const empty = endpoint({ ...declared, path: '/nothing', status: 204, response: z.void() })
const pay = endpoint({ ...declared, path: '/payments', response: z.object({ url: z.string() }) })

beforeAll(async () => {
  api = await testApi()
  app = (await createHttp(api.deps)).app
  const effect = (ctx: Context, id: string) =>
    inTransaction(ctx, (tx) => recordAudit(tx, { action: 'test.write', subject: id }))
  serve(app, write, async (ctx, { body }) => {
    const id = randomUUID()
    await effect(ctx, body.note)
    await meanwhile(ctx)
    return { id, at: new Date(), secret: 'undeclared' }
  })
  serve(app, empty, (ctx, { body }) => effect(ctx, body.note))
  serveClaimed(app, pay, {
    claimed: z.object({ topUpId: z.string() }),
    async claim(ctx, { body }) {
      const topUpId = randomUUID()
      await effect(ctx, body.note)
      return { topUpId }
    },
    async finish(ctx, { topUpId }) {
      expect('db' in ctx).toBe(false)
      finished.push(topUpId)
      await meanwhile(ctx)
      return { url: `https://pay.test/${topUpId}` }
    },
  })
})
afterAll(async () => {
  await app.close()
  await api.close()
})
beforeEach(async () => {
  meanwhile = async () => undefined
  finished = []
  admin = await api.aHolderOf('admin')
})

const post = (url: string, note: string, key: string | undefined, as = admin) =>
  app.inject({
    method: 'POST',
    url,
    headers: {
      authorization: `Bearer ${as.token}`,
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    payload: { note },
  })
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
async function effects(note: string): Promise<number> {
  const rows = await api.database.query(
    'admin',
    `select 1 from audit_entries where action = 'test.write' and subject = $1`,
    [note],
  )
  return rows.length
}
const note = () => randomUUID()

test('sent twice, it happens once and the first answer comes again, marked as such', async () => {
  const what = note()
  const first = await post('/notes', what, 'k')
  const second = await post('/notes', what, 'k')
  expect([first.statusCode, second.statusCode]).toEqual([201, 201])
  expect(second.json()).toEqual(first.json())
  expect(Object.keys(first.json())).toEqual(['id', 'at'])
  expect(first.headers['idempotent-replayed']).toBeUndefined()
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(second.headers['content-type']).toBe(first.headers['content-type'])
  expect(await effects(what)).toBe(1)
})

test('an answer without content is replayed without content', async () => {
  const what = note()
  expect((await post('/nothing', what, 'k')).statusCode).toBe(204)
  const again = await post('/nothing', what, 'k')
  expect([again.statusCode, again.body]).toEqual([204, ''])
  expect(await effects(what)).toBe(1)
})

test('without a key nothing is remembered', async () => {
  const what = note()
  await post('/notes', what, undefined)
  await post('/notes', what, undefined)
  expect(await effects(what)).toBe(2)
})

test('two at once: one runs, the other is told so and changes nothing', async () => {
  const what = note()
  const [running, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  meanwhile = async () => {
    running.resolve()
    await done.promise
  }
  const first = post('/notes', what, 'k')
  await running.promise
  const second = await post('/notes', what, 'k')
  expect([second.statusCode, codeOf(second)]).toEqual([409, 'request.still_running'])
  expect(second.headers['retry-after']).toBe('1')
  done.resolve()
  expect((await first).statusCode).toBe(201)
  expect((await post('/notes', what, 'k')).json()).toEqual((await first).json())
  expect(await effects(what)).toBe(1)
})

test('twenty at once happen once', async () => {
  const what = note()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post('/notes', what, 'twenty')),
  )
  expect(await effects(what)).toBe(1)
  for (const answer of answers) expect([201, 409]).toContain(answer.statusCode)
})

test('the same key with another body is refused', async () => {
  const [one, other] = [note(), note()]
  await post('/notes', one, 'k')
  const refused = await post('/notes', other, 'k')
  expect([refused.statusCode, codeOf(refused)]).toEqual([422, 'request.idempotency_key_reused'])
  expect(await effects(other)).toBe(0)
})

test('one key of two people, and of one person for two operations, are different keys', async () => {
  const colleague = await api.aPerson({
    organizationId: admin.organizationId ?? '',
    role: 'admin',
  })
  const [one, other] = [note(), note()]
  expect((await post('/notes', one, 'shared')).statusCode).toBe(201)
  expect((await post('/notes', other, 'shared', colleague)).statusCode).toBe(201)
  expect((await post('/nothing', other, 'shared')).statusCode).toBe(204)
  expect([await effects(one), await effects(other)]).toEqual([1, 2])
})

test('a crash between effect and answer leaves neither, and the retry does it', async () => {
  const what = note()
  meanwhile = async (ctx) => {
    await inTransaction(ctx, async (tx) => {
      const { rows } = await tx.db.execute<{ pid: number }>('select pg_backend_pid() as pid')
      await api.database.query('admin', 'select pg_terminate_backend($1)', [rows[0]?.pid])
    })
  }
  expect((await post('/notes', what, 'k')).statusCode).toBe(503)
  expect(await effects(what)).toBe(0)
  meanwhile = async () => undefined
  expect((await post('/notes', what, 'k')).statusCode).toBe(201)
  expect(await effects(what)).toBe(1)
})

test('a refusal is not kept: what stood in the way may be gone', async () => {
  const what = note()
  meanwhile = async () => {
    throw new DomainError('test.refused', 409, 'Not now.')
  }
  expect(codeOf(await post('/notes', what, 'k'))).toBe('test.refused')
  expect(await effects(what)).toBe(0)
  meanwhile = async () => undefined
  expect((await post('/notes', what, 'k')).statusCode).toBe(201)
})

test.each([
  ['', 'an empty key'],
  ['x'.repeat(256), 'a key over 255 characters'],
  ['naïve', 'a key that is not printable'],
])('%s is refused: %s', async (key) => {
  const refused = await post('/notes', note(), key)
  expect([refused.statusCode, codeOf(refused)]).toEqual([400, 'request.invalid'])
})

test('what needs a vendor is claimed once and finished at every asking, outside the transaction', async () => {
  const what = note()
  meanwhile = async () => {
    throw new DomainError('test.vendor_away', 503, 'Not now.')
  }
  expect((await post('/payments', what, 'k')).statusCode).toBe(503)
  meanwhile = async () => undefined
  const second = await post('/payments', what, 'k')
  const third = await post('/payments', what, 'k')
  expect(second.statusCode).toBe(200)
  expect(third.json()).toEqual(second.json())
  expect(new Set(finished).size).toBe(1)
  expect(finished).toHaveLength(3)
  expect(await effects(what)).toBe(1)
})

test('an adjustment from outside is kept with the organization it was made for', async () => {
  const root = await api.aHolderOf('super_admin')
  const organizationId = await api.database.anOrganization({ balanceCents: 100 })
  const adjust = (amountCents: number) =>
    api.app.inject({
      method: 'POST',
      url: adjustWallet.path.replace(':organizationId', organizationId),
      headers: { authorization: `Bearer ${root.token}`, 'idempotency-key': 'k' },
      payload: { requestId, amountCents, note: 'by hand' },
    })
  const requestId = randomUUID()
  const first = await adjust(50)
  expect(first.json()).toMatchObject({ balanceCents: 150 })
  expect((await adjust(50)).json()).toEqual(first.json())
  expect((await adjust(60)).statusCode).toBe(422)
  const rows = await api.database.query(
    'app',
    'select actor_id from idempotency_keys',
    [],
    organizationId,
  )
  expect(rows).toEqual([{ actor_id: `user:${root.userId}` }])
})

test('answers are forgotten after two days, not before', async () => {
  const what = note()
  await post('/notes', what, 'k')
  const inHours = (hours: number) => ({
    ...api.ctx,
    now: () => new Date(Date.now() + hours * 3_600_000),
  })
  expect(await forgetAnswers(inHours(47))).toBe(0)
  expect((await post('/notes', what, 'k')).headers['idempotent-replayed']).toBe('true')
  expect(await forgetAnswers(inHours(49))).toBeGreaterThan(0)
  expect((await post('/notes', what, 'k')).headers['idempotent-replayed']).toBeUndefined()
})

test('a verb that names its own tenant inside a transaction of that tenant joins it', async () => {
  const own = forOrganization(api.ctx, admin.organizationId ?? '')
  const what = note()
  const failing = inTransaction(own, async (tx) => {
    await inTransaction(forOrganization(tx, admin.organizationId ?? ''), (inner) =>
      recordAudit(inner, { action: 'test.write', subject: what }),
    )
    throw new Error('afterwards')
  })
  await expect(failing).rejects.toThrow('afterwards')
  expect(await effects(what)).toBe(0)
})
