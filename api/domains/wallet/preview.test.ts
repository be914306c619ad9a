import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import * as queries from './queries.ts'
import { holdSlice } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
  await api.database.query(
    'admin',
    `insert into prices (id, price_per_hour_cents, mock_price_percent, effective_from, reason)
     values ($1, 3600, 50, now() - interval '1 hour', 'test')`,
    [randomUUIDv7()],
  )
})
afterAll(() => api.close())

const preview = async (as: Person, kind: (typeof contract.pricedKinds)[number] = 'agent') => {
  const response = await api.call(contract.previewCost, { query: { kind } }, as)
  expect(response.statusCode).toBe(200)
  return contract.costPreview.parse(response.json())
}
const anAdmin = async (balanceCents: number) => {
  const org = await api.database.anOrganization({ balanceCents })
  return { org, admin: await api.aHolderOf('admin', org) }
}
const post = (org: string, kind: 'grant' | 'dispute', amountCents: number) =>
  inTransaction(forOrganization(api.ctx, org), (tx) =>
    queries.post(tx.db, org, {
      kind,
      amountCents,
      businessKey: randomUUID(),
      actorId: 'test',
      explanation: {},
    }),
  )

test('a preview says the price, the seconds that the free money pays for, and that a call can start', async () => {
  const { org, admin } = await anAdmin(100)
  expect(await preview(admin)).toEqual({
    kind: 'agent',
    currency: 'usd',
    pricePerHourCents: 3_600,
    pricePerMinuteCents: 60,
    affordableSeconds: 100,
    canStart: true,
    reason: null,
  })
  expect(await preview(admin, 'mock')).toMatchObject({
    pricePerHourCents: 1_800,
    pricePerMinuteCents: 30,
    affordableSeconds: 200,
  })
  await holdSlice(forOrganization(api.ctx, org), {
    callId: randomUUIDv7(),
    pricePerHourCents: 3_600,
    priceId: null,
    slice: 1,
    totalSeconds: 60,
    minimumSeconds: 10,
  })
  expect(await preview(admin)).toMatchObject({ affordableSeconds: 40, canStart: true })
})

test('what is previewed is what a hold then does, to the second', async () => {
  for (const balanceCents of [9, 10, 11, 59, 60, 61]) {
    const { org, admin } = await anAdmin(balanceCents)
    const { canStart, affordableSeconds } = await preview(admin)
    const held = await holdSlice(forOrganization(api.ctx, org), {
      callId: randomUUIDv7(),
      pricePerHourCents: 3_600,
      priceId: null,
      slice: 1,
      totalSeconds: 60,
      minimumSeconds: 10,
    }).catch(() => null)
    expect(held !== null).toBe(canStart)
    if (held) expect(held.fundedSeconds).toBe(Math.min(60, affordableSeconds ?? 0))
  }
})

test('it says why a call cannot start', async () => {
  const { org, admin } = await anAdmin(9)
  expect(await preview(admin)).toMatchObject({ canStart: false, reason: 'insufficient_balance' })
  await post(org, 'dispute', -500)
  expect(await preview(admin)).toMatchObject({ canStart: false, reason: 'deficit' })
  await post(org, 'grant', 10_000)
  expect(await preview(admin)).toMatchObject({ canStart: true, reason: null })
  await api.database.query(
    'admin',
    `insert into feature_flags (organization_id, flag, enabled) values ($1, 'mock_calls', false)`,
    [org],
  )
  expect(await preview(admin, 'mock')).toMatchObject({ canStart: false, reason: 'feature_off' })
  expect(await preview(admin, 'live')).toMatchObject({ canStart: true })
})

test('who may not read the wallet learns whether a call can start, and no amount', async () => {
  const { org } = await anAdmin(9)
  const seller = await api.aHolderOf('sales_person', org)
  expect(await preview(seller)).toEqual({
    kind: 'agent',
    currency: 'usd',
    pricePerHourCents: null,
    pricePerMinuteCents: null,
    affordableSeconds: null,
    canStart: false,
    reason: 'insufficient_balance',
  })
})
