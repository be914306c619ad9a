import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { verifyChains } from '#api/domains/audit/service.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const found = { body: { name: 'Northwind Dental', timeZone: 'Europe/Berlin' } }
const actionsOf = async (organizationId: string) =>
  (
    await api.database.query<{ action: string }>(
      'app',
      'select action from audit_entries order by sequence',
      [],
      organizationId,
    )
  ).map(({ action }) => action)

test('founding makes the organization, its admin, an empty wallet and the audit of it', async () => {
  const founder = await api.aPerson()
  const response = await api.call(contract.createOrganization, found, founder)
  expect(response.statusCode).toBe(201)
  const { id } = contract.organization.parse(response.json())

  expect((await api.call(contract.getOrganization, {}, founder)).json()).toMatchObject({
    id,
    name: 'Northwind Dental',
    timeZone: 'Europe/Berlin',
    status: 'active',
  })
  expect(
    await api.database.query(
      'app',
      'select balance_cents::int, held_cents::int from wallets',
      [],
      id,
    ),
  ).toEqual([{ balance_cents: 0, held_cents: 0 }])
  expect(await api.database.query('app', 'select user_id, role from memberships', [], id)).toEqual([
    { user_id: founder.userId, role: 'admin' },
  ])
  expect(await actionsOf(id)).toEqual(['organizations.create', 'members.add'])
  expect(await verifyChains(api.ctx)).toEqual([])
  expect(api.sent).toContainEqual({
    name: 'member.joined',
    data: { organizationId: id, userId: founder.userId },
  })
})

test('a member cannot found a second organization, and nothing of the attempt stays', async () => {
  const founder = await api.aPerson()
  await api.call(contract.createOrganization, found, founder)
  const count = () =>
    api.database.query('admin', 'select id from organizations').then((rows) => rows.length)
  const before = await count()
  const second = await api.call(contract.createOrganization, found, founder)
  expect([second.statusCode, codeOf(second)]).toEqual([409, 'members.already_member'])
  expect(await count()).toBe(before)
})

test('of two foundings at once by one person, one counts', async () => {
  const founder = await api.aPerson()
  const answers = await Promise.all(
    [1, 2, 3].map(() => api.call(contract.createOrganization, found, founder)),
  )
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409, 409])
})

test('the platform’s list goes from page to page, newest first, without missing or repeating one', async () => {
  const made: string[] = []
  for (let index = 0; index < 5; index++) made.unshift(await api.database.anOrganization())
  const manager = await api.aHolderOf('manager')
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: { limit: number; cursor?: string } = { limit: 2, ...(cursor && { cursor }) }
    const response = await api.call(contract.listOrganizations, { query }, manager)
    const page = contract.listOrganizations.response.parse(response.json())
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor && seen.length < 100)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((id) => made.includes(id))).toHaveLength(5)
})
