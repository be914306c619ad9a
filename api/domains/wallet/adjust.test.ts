import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'

let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code

function adjust(
  organizationId: string,
  amountCents: number,
  asked: { requestId?: string; key?: string } = {},
) {
  const { requestId = crypto.randomUUID(), key } = asked
  const body = { requestId, amountCents, note: 'goodwill' }
  const request = requestOf(contract.adjustWallet, { params: { organizationId }, body }, root.token)
  const headers = { ...request.headers, ...(key && { 'idempotency-key': key }) }
  return api.app.inject({ ...request, headers })
}
const balanceOf = async (organizationId: string) => {
  const asked = { params: { organizationId } }
  const response = await api.call(contract.getOrganizationWallet, asked, root)
  return contract.getOrganizationWallet.response.parse(response.json()).balanceCents
}
const entriesOf = (organizationId: string) =>
  api.database.query(
    'app',
    `select action, actor_id, after from audit_entries where action = 'wallet.adjust' order by sequence`,
    [],
    organizationId,
  )

test('an adjustment sent twice is posted once, and its id cannot stand for another amount', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 100 })
  const requestId = crypto.randomUUID()
  const answers = await Promise.all([
    adjust(organizationId, 50, { requestId }),
    adjust(organizationId, 50, { requestId }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
  expect((await adjust(organizationId, 50, { requestId })).json()).toMatchObject({
    balanceCents: 150,
  })
  const other = await adjust(organizationId, 60, { requestId })
  expect([other.statusCode, codeOf(other)]).toEqual([409, 'wallet.request_id_reused'])
  expect(await balanceOf(organizationId)).toBe(150)
  expect(await entriesOf(organizationId)).toMatchObject([
    { actor_id: root.userId, after: { requestId, amountCents: 50, balanceCents: 150 } },
  ])
})

test('with an idempotency key the first answer comes again, whatever happened since', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 100 })
  const asked = { requestId: crypto.randomUUID(), key: crypto.randomUUID() }
  const first = await adjust(organizationId, 50, asked)
  await adjust(organizationId, 7)
  const again = await adjust(organizationId, 50, asked)
  expect(first.json()).toMatchObject({ balanceCents: 150 })
  expect([again.json(), again.headers['idempotent-replayed']]).toEqual([first.json(), 'true'])
  expect(await balanceOf(organizationId)).toBe(157)
  const other = await adjust(organizationId, 51, asked)
  expect(other.statusCode).toBe(422)
  expect(await entriesOf(organizationId)).toHaveLength(2)
})

test('a debit beyond what is free is refused, leaves nothing, and may be sent again under its key', async () => {
  const organizationId = await api.database.anOrganization({ balanceCents: 100 })
  const asked = { requestId: crypto.randomUUID(), key: crypto.randomUUID() }
  const refused = await adjust(organizationId, -101, asked)
  expect([refused.statusCode, codeOf(refused)]).toEqual([402, 'wallet.insufficient_balance'])
  expect(await entriesOf(organizationId)).toEqual([])
  await adjust(organizationId, 1)
  expect((await adjust(organizationId, -101, asked)).json()).toMatchObject({ balanceCents: 0 })
})

test('an adjustment of nothing or of nobody’s wallet is refused', async () => {
  const organizationId = await api.database.anOrganization()
  expect(codeOf(await adjust(organizationId, 0))).toBe('wallet.nothing_to_adjust')
  for (const key of [undefined, 'a-key'])
    expect((await adjust(crypto.randomUUID(), 5, { ...(key && { key }) })).statusCode).toBe(404)
  const nobody = { params: { organizationId: crypto.randomUUID() } }
  expect((await api.call(contract.getOrganizationWallet, nobody, root)).statusCode).toBe(404)
})
