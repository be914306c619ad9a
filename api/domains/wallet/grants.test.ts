import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import * as queries from './queries.ts'
import { holdSlice, verifyWallets } from './service.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
afterAll(async () => {
  // Whatever the tests of this file did, the books are right.
  expect(await asPlatform(api.ctx, verifyWallets)).toEqual([])
  await api.close()
})

function grant(
  organizationId: string,
  amountCents: number,
  asked: { requestId?: string; key?: string; as?: Person } = {},
) {
  const { requestId = randomUUID(), key, as = root } = asked
  const body = { requestId, amountCents, reason: 'an outage of ours' }
  const request = requestOf(contract.grantFunds, { params: { organizationId }, body }, as.token)
  const headers = { ...request.headers, ...(key && { 'idempotency-key': key }) }
  return api.app.inject({ ...request, headers })
}

const aCall = (organizationId: string) =>
  holdSlice(forOrganization(api.ctx, organizationId), {
    callId: randomUUIDv7(),
    pricePerHourCents: 3_600,
    priceId: null,
    slice: 1,
    totalSeconds: 60,
    minimumSeconds: 10,
  })

const takeBack = (organizationId: string, cents: number) =>
  inTransaction(forOrganization(api.ctx, organizationId), (tx) =>
    queries.post(tx.db, organizationId, {
      kind: 'dispute',
      amountCents: -cents,
      businessKey: `dispute:${randomUUIDv7()}`,
      actorId: 'test',
      explanation: {},
    }),
  )

const lines = async (organizationId: string) => {
  const rows = await api.database.query<{ line: string }>(
    'app',
    `select kind || ' ' || from_account || ' > ' || to_account || ' ' || amount_cents as line
       from ledger_entries order by sequence`,
    [],
    organizationId,
  )
  return rows.map(({ line }) => line)
}

test('a grant funds the calls of an organization without money, and is on record', async () => {
  const org = await api.database.anOrganization()
  await expect(aCall(org)).rejects.toMatchObject({ code: 'wallet.insufficient_balance' })
  const granted = await grant(org, 60)
  expect(granted.json()).toMatchObject({ balanceCents: 60, deficitCents: 0 })
  expect(await aCall(org)).toMatchObject({ fundedSeconds: 60 })
  expect(await lines(org)).toEqual(['grant grants > available 60', 'hold available > held 60'])
  const audit = await api.database.query(
    'app',
    `select actor_id, after from audit_entries where action = 'wallet.grant'`,
    [],
    org,
  )
  expect(audit).toMatchObject([
    { actor_id: root.userId, after: { amountCents: 60, reason: 'an outage of ours' } },
  ])
})

test.each([40, 500])('a blocked organization can use all of a grant of %i', async (cents) => {
  const org = await api.database.anOrganization({ balanceCents: 100 })
  await takeBack(org, 300)
  await expect(aCall(org)).rejects.toMatchObject({ code: 'wallet.insufficient_balance' })
  const granted = await grant(org, cents)
  expect(granted.json()).toMatchObject({ balanceCents: cents, deficitCents: 0 })
  expect(await aCall(org)).toMatchObject({ fundedSeconds: Math.min(60, cents) })
})

test('a grant sent twice at once, or again, is posted once; its id stands for one amount', async () => {
  const org = await api.database.anOrganization({ balanceCents: 100 })
  await takeBack(org, 300)
  const requestId = randomUUID()
  const answers = await Promise.all([
    grant(org, 70, { requestId }),
    grant(org, 70, { requestId }),
    grant(org, 70, { requestId, key: 'one' }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  expect((await grant(org, 70, { requestId, key: 'one' })).json()).toMatchObject({
    balanceCents: 70,
  })
  const other = await grant(org, 71, { requestId })
  expect([other.statusCode, problem.parse(other.json()).code]).toEqual([
    409,
    'wallet.request_id_reused',
  ])
  expect((await lines(org)).filter((line) => line.startsWith('grant grants'))).toHaveLength(3)
})

test('a grant and a dispute at once leave the books right', async () => {
  const org = await api.database.anOrganization({ balanceCents: 100 })
  await takeBack(org, 300)
  await Promise.all([grant(org, 50), takeBack(org, 20), grant(org, 50), takeBack(org, 500)])
  const [wallet] = await api.database.query<{ balance_cents: number; deficit_cents: number }>(
    'admin',
    'select balance_cents, deficit_cents from wallets where organization_id = $1',
    [org],
  )
  expect(Math.min(wallet?.balance_cents ?? 1, wallet?.deficit_cents ?? 1)).toBe(0)
})

test('grants of nothing, by others, or to nobody are refused', async () => {
  const org = await api.database.anOrganization()
  for (const cents of [0, -5, 100_000_001]) expect((await grant(org, cents)).statusCode).toBe(400)
  for (const role of ['manager', 'admin'] as const) {
    const as = await api.aHolderOf(role)
    expect((await grant(org, 5, { as })).statusCode).toBe(403)
  }
  expect((await grant(randomUUID(), 5)).statusCode).toBe(404)
  expect(await lines(org)).toEqual([])
})
