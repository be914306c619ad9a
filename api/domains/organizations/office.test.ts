import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { changeOrganizationPrice } from '#contracts/wallet'
import * as contract from './contract.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const list = async (query: object, as = root) => {
  const response = await api.call(contract.listOrganizations, { query }, as)
  return contract.listOrganizations.response.parse(response.json())
}
const dayBefore = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
const used = (organizationId: string, day: string, calls: number) =>
  api.database.query(
    'app',
    `insert into usage_days (organization_id, day, kind, calls, billable_seconds, charged_cents, vendor_cost_micro_usd,
       charged_cents_of_known_cost, calls_without_vendor_cost, computed_at)
     values ($1, $2, 'agent', $3, $3 * 60, $3 * 100, 0, 0, 0, now())`,
    [organizationId, day, calls],
    organizationId,
  )
const aRunningCall = (organizationId: string) =>
  api.database.query(
    'app',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number)
     values ($1, gen_random_uuid(), 'agent', 'inbound', '+15550001111', '+15550002222')`,
    [organizationId],
    organizationId,
  )

test('an organization is listed with its money, its people, what runs and the sums of thirty days', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 700, name: 'Acme' })
  await api.aHolderOf('admin', organizationId)
  await api.aHolderOf('sales_person', organizationId)
  await aRunningCall(organizationId)
  await used(organizationId, dayBefore(1), 2)
  await used(organizationId, dayBefore(29), 3)
  await used(organizationId, dayBefore(31), 100)
  const { items } = await list({ search: organizationId })
  expect(items).toMatchObject([
    {
      id: organizationId,
      name: 'Acme',
      status: 'active',
      statusReason: null,
      members: 2,
      currency: 'usd',
      balanceCents: 700,
      heldCents: 0,
      callsRunning: 1,
      calls30d: 5,
      billableSeconds30d: 300,
      chargedCents30d: 500,
    },
  ])
})

test('the list finds part of a name as it is written, or a status, page by page', async () => {
  const made: string[] = []
  for (let index = 0; index < 5; index++)
    made.unshift(await api.database.anOrganization({ name: `100% Dental_Care ${index}` }))
  await api.database.anOrganization({ name: '100 dental care' })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await list({ search: '0% dental_', limit: 2, ...(cursor && { cursor }) })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor && seen.length < 20)
  expect(seen).toEqual(made)

  const paused = made[0] ?? ''
  await api.call(
    contract.pauseOrganization,
    { params: { organizationId: paused }, body: { reason: 'unpaid' } },
    root,
  )
  const manager = await api.aHolderOf('manager')
  expect((await list({ status: 'paused', search: 'Dental' }, manager)).items).toMatchObject([
    { id: paused, statusReason: 'unpaid' },
  ])
  expect((await list({ search: crypto.randomUUID() })).items).toEqual([])
})

test('the detail tells the limits, the price and whom to write to', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const detail = async () => {
    const response = await api.call(
      contract.getOrganizationDetail,
      { params: { organizationId } },
      root,
    )
    return contract.getOrganizationDetail.response.parse(response.json())
  }
  const before = await detail()
  expect(before).toMatchObject({
    maxConcurrentCalls: 100,
    deficitCents: 0,
    ownPricePerHourCents: null,
    calls30d: 0,
    admins: [{ userId: admin.userId, name: 'Test Person' }],
  })
  await api.call(
    changeOrganizationPrice,
    {
      params: { organizationId },
      body: { pricePerHourCents: 990, mockPricePercent: 0, reason: 'a large customer' },
    },
    root,
  )
  expect(await detail()).toMatchObject({ ownPricePerHourCents: 990, pricePerHourCents: 990 })
  const nobody = { params: { organizationId: crypto.randomUUID() } }
  expect((await api.call(contract.getOrganizationDetail, nobody, root)).statusCode).toBe(404)
})

test('a limit is changed with its reason on record, and the same limit again changes nothing', async () => {
  const organizationId = await api.database.anOrganization()
  const change = (maxConcurrentCalls: number, id = organizationId) =>
    api.call(
      contract.changeLimits,
      { params: { organizationId: id }, body: { maxConcurrentCalls, reason: 'a campaign' } },
      root,
    )
  const answers = await Promise.all([change(250), change(250)])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
  const entries = await api.database.query(
    'app',
    'select action, before, after from audit_entries',
    [],
    organizationId,
  )
  expect(entries).toEqual([
    {
      action: 'organizations.change-limits',
      before: { maxConcurrentCalls: 100 },
      after: { maxConcurrentCalls: 250, reason: 'a campaign' },
    },
  ])
  expect((await change(0)).statusCode).toBe(400)
  expect(codeOf(await change(5, crypto.randomUUID()))).toBe('request.not_found')
})
