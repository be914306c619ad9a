import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const acme = {
  name: 'Acme Calls',
  website: 'https://acme.example',
  strengths: ['Cheap'],
  weaknesses: ['No recordings'],
  talkingPoints: ['Ask how they prove what was said.'],
}
async function make(admin: Person, over: Partial<typeof acme> = {}) {
  const response = await api.call(contract.createCompetitor, { body: { ...acme, ...over } }, admin)
  expect(response.statusCode, response.body).toBe(201)
  return contract.competitor.parse(response.json())
}
const auditOf = async (admin: Person) =>
  (
    await api.database.query<{ action: string }>(
      'app',
      `select action from audit_entries where action like 'competitors.%' order by sequence`,
      [],
      admin.organizationId ?? '',
    )
  ).map(({ action }) => action)

test('a competitor is made, read by everybody, changed and deleted, each once in the audit', async () => {
  const admin = await api.aHolderOf('admin')
  const rep = await api.aHolderOf('sales_person', admin.organizationId ?? '')
  const made = await make(admin)
  const params = { competitorId: made.id }
  expect((await api.call(contract.getCompetitor, { params }, rep)).json()).toMatchObject(acme)

  const change = { params, body: { weaknesses: [], website: null } }
  const changed = await api.call(contract.updateCompetitor, change, admin)
  expect(changed.json()).toMatchObject({ ...acme, weaknesses: [], website: null })
  const listed = await api.call(contract.listCompetitors, { query: { search: 'acme' } }, rep)
  expect(contract.listCompetitors.response.parse(listed.json()).items).toHaveLength(1)

  expect((await api.call(contract.deleteCompetitor, { params }, admin)).statusCode).toBe(204)
  expect((await api.call(contract.getCompetitor, { params }, rep)).statusCode).toBe(404)
  expect(await auditOf(admin)).toEqual([
    'competitors.create',
    'competitors.update',
    'competitors.delete',
  ])
})

test('a change of nothing changes nothing and is not audited', async () => {
  const admin = await api.aHolderOf('admin')
  const made = await make(admin)
  const change = { params: { competitorId: made.id }, body: {} }
  expect((await api.call(contract.updateCompetitor, change, admin)).statusCode).toBe(200)
  expect(await auditOf(admin)).toEqual(['competitors.create'])
})

test('a name is taken once in an organization, in any case, also when two take it at once', async () => {
  const admin = await api.aHolderOf('admin')
  const body = { ...acme, name: 'Twice' }
  const both = await Promise.all([
    api.call(contract.createCompetitor, { body }, admin),
    api.call(contract.createCompetitor, { body: { ...body, name: 'tWICE' } }, admin),
  ])
  expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409])

  const other = await make(admin, { name: 'Other' })
  const rename = { params: { competitorId: other.id }, body: { name: 'TWICE' } }
  const refused = await api.call(contract.updateCompetitor, rename, admin)
  expect(codeOf(refused)).toBe('competitors.name_taken')
  // Somewhere else the name is free.
  await make(await api.aHolderOf('admin'), { name: 'Twice' })
})

test('what search characters mean to the database they do not mean here', async () => {
  const admin = await api.aHolderOf('admin')
  await make(admin, { name: '100% Calls' })
  const found = async (search: string) =>
    contract.listCompetitors.response.parse(
      (await api.call(contract.listCompetitors, { query: { search } }, admin)).json(),
    ).items.length
  expect([await found('100%'), await found('%'), await found('_'), await found('\\')]).toEqual([
    1, 1, 0, 0,
  ])
})

test.each([
  ['a blank name', { name: '  ' }],
  ['a website that is no web address', { website: 'javascript:alert(1)' }],
  ['too many points', { strengths: Array(21).fill('x') }],
  ['a point too long', { talkingPoints: ['x'.repeat(301)] }],
])('%s is refused', async (_what, wrong) => {
  const admin = await api.aHolderOf('admin')
  const response = await api.call(contract.createCompetitor, { body: { ...acme, ...wrong } }, admin)
  expect(response.statusCode).toBe(400)
  expect(await auditOf(admin)).toEqual([])
})

test('another organization’s competitor answers like one that does not exist', async () => {
  const made = await make(await api.aHolderOf('admin'))
  const stranger = await api.aHolderOf('admin')
  for (const competitorId of [made.id, randomUUID()]) {
    const params = { competitorId }
    const answers = [
      await api.call(contract.getCompetitor, { params }, stranger),
      await api.call(contract.updateCompetitor, { params, body: { name: 'Mine' } }, stranger),
      await api.call(contract.deleteCompetitor, { params }, stranger),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  }
})
