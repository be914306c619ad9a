import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { forOrganization } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import { currentPrice, holdSlice, settleHold } from './service.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
afterAll(() => api.close())

const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const priceAt = async (organizationId: string, at: Date, kind: 'agent' | 'mock' = 'agent') =>
  (await currentPrice(forOrganization(api.ctx, organizationId), at, kind)).pricePerHourCents

type Asked = { mockPricePercent?: number; effectiveFrom?: string; reason?: string }
const change = (pricePerHourCents: number, asked: Asked = {}) =>
  api.call(
    contract.changePrice,
    { body: { pricePerHourCents, mockPricePercent: 0, reason: 'a test', ...asked } },
    root,
  )
const changeOwn = (organizationId: string, pricePerHourCents: number | null, asked: Asked = {}) =>
  api.call(
    contract.changeOrganizationPrice,
    {
      params: { organizationId },
      body: { pricePerHourCents, mockPricePercent: 0, reason: 'a test', ...asked },
    },
    root,
  )

test('an organization’s own price goes before everybody’s, until null ends it', async () => {
  const [own, other] = [await api.database.anOrganization(), await api.database.anOrganization()]
  expect((await change(3_000, { mockPricePercent: 50 })).statusCode).toBe(200)
  expect((await changeOwn(own, 1_000, { mockPricePercent: 10 })).statusCode).toBe(200)
  const now = inHours(0.01)
  expect(await priceAt(own, now)).toBe(1_000)
  expect(await priceAt(own, now, 'mock')).toBe(100)
  expect(await priceAt(other, now)).toBe(3_000)
  expect(await priceAt(other, now, 'mock')).toBe(1_500)

  const ended = await changeOwn(own, null)
  expect(ended.json()).toMatchObject({ pricePerHourCents: null, mockPricePercent: null })
  expect(await priceAt(own, inHours(0.01))).toBe(3_000)
  expect(await priceAt(own, inHours(0.01), 'mock')).toBe(1_500)

  const wallet = await api.call(
    contract.getOrganizationWallet,
    { params: { organizationId: own } },
    root,
  )
  expect(wallet.json()).toMatchObject({ pricePerHourCents: 3_000, balanceCents: 0 })
  const listed = await api.call(
    contract.listOrganizationPrices,
    { params: { organizationId: own } },
    root,
  )
  const { items } = contract.listOrganizationPrices.response.parse(listed.json())
  expect(items.map(({ pricePerHourCents }) => pricePerHourCents)).toEqual([null, 1_000])
})

test('a price to come counts from its moment by itself, an own one and its end too', async () => {
  const organizationId = await api.database.anOrganization()
  const before = await priceAt(organizationId, inHours(0))
  await change(5_000, { effectiveFrom: inHours(1).toISOString() })
  await changeOwn(organizationId, 2_000, { effectiveFrom: inHours(2).toISOString() })
  await changeOwn(organizationId, null, { effectiveFrom: inHours(3).toISOString() })
  const at = (hours: number) => priceAt(organizationId, inHours(hours))
  expect([await at(0), await at(1.5), await at(2.5), await at(3.5)]).toEqual([
    before,
    5_000,
    2_000,
    5_000,
  ])
  const listed = await api.call(contract.listPrices, {}, root)
  const { current, items } = contract.listPrices.response.parse(listed.json())
  expect(current.pricePerHourCents).toBe(before)
  expect(items[0]?.pricePerHourCents).toBe(5_000)
})

test('a running call keeps the price it was admitted at', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 10_000 })
  await changeOwn(organizationId, 3_600)
  const ctx = forOrganization(api.ctx, organizationId)
  const { priceId, pricePerHourCents } = await currentPrice(ctx, inHours(0.01), 'agent')
  const callId = crypto.randomUUID()
  const slice = { callId, priceId, pricePerHourCents, minimumSeconds: 10 }
  await holdSlice(ctx, { ...slice, slice: 1, totalSeconds: 60 })
  await changeOwn(organizationId, 36_000)
  const raised = await currentPrice(ctx, inHours(0.01), 'agent')
  expect(raised.pricePerHourCents).toBe(36_000)
  await holdSlice(ctx, { ...slice, ...raised, slice: 2, totalSeconds: 120 })
  expect(await settleHold(ctx, { callId, billableSeconds: 90 })).toMatchObject({
    capturedCents: 90,
  })
})

test('a change is on record: everybody’s in the platform’s chain, an own one in the organization’s', async () => {
  const organizationId = await api.database.anOrganization()
  const own = contract.price.parse((await changeOwn(organizationId, 1_234)).json())
  const everybody = contract.price.parse((await change(4_321)).json())
  const [platform] = await api.database.query(
    'platform',
    'select action, subject, after from platform_audit_entries order by sequence desc limit 1',
  )
  expect(platform).toMatchObject({
    action: 'wallet.change-price',
    subject: everybody.id,
    after: { pricePerHourCents: 4_321, reason: 'a test' },
  })
  const entries = await api.database.query(
    'app',
    'select action, subject, actor_id, after from audit_entries',
    [],
    organizationId,
  )
  expect(entries).toMatchObject([
    {
      action: 'wallet.change-price',
      subject: own.id,
      actor_id: root.userId,
      after: { pricePerHourCents: 1_234 },
    },
  ])
})

test('a price of yesterday, of nobody or below nothing is refused and changes nothing', async () => {
  const organizationId = await api.database.anOrganization()
  const past = { effectiveFrom: inHours(-1).toISOString() }
  expect(codeOf(await change(1, past))).toBe('request.effective_in_past')
  expect(codeOf(await changeOwn(organizationId, 1, past))).toBe('request.effective_in_past')
  expect((await change(-1)).statusCode).toBe(400)
  expect((await changeOwn(organizationId, 1, { mockPricePercent: 101 })).statusCode).toBe(400)
  expect((await changeOwn(crypto.randomUUID(), 1)).statusCode).toBe(404)
  const rows = await api.database.query(
    'app',
    'select 1 from organization_prices',
    [],
    organizationId,
  )
  expect(rows).toEqual([])
})

test('of two own prices from one moment the later said one counts, also when said at once', async () => {
  const organizationId = await api.database.anOrganization()
  const effectiveFrom = inHours(1).toISOString()
  const said = await Promise.all([
    changeOwn(organizationId, 1_000, { effectiveFrom }),
    changeOwn(organizationId, 2_000, { effectiveFrom }),
  ])
  const prices = said
    .map((one) => contract.price.parse(one.json()))
    .toSorted((a, b) => +a.createdAt - +b.createdAt || (a.id < b.id ? -1 : 1))
  expect(await priceAt(organizationId, inHours(2))).toBe(prices[1]?.pricePerHourCents)
})
