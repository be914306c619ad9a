import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'
import { isDoNotCall } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

async function add(person: Person, number: string, note = '') {
  const response = await api.call(contract.addDoNotCallNumber, { body: { number, note } }, person)
  expect(response.statusCode, response.body).toBe(201)
  return contract.doNotCallNumber.parse(response.json())
}

const isListed = (person: Person, number: string) =>
  inTransaction(forOrganization(api.ctx, person.organizationId ?? ''), (tx) =>
    isDoNotCall(tx, number),
  )

const auditOf = async (person: Person) =>
  (
    await api.database.query<{ line: string }>(
      'app',
      `select action || ' ' || coalesce(entry->'after'->>'count', '') as line
         from (select action, sequence, to_jsonb(a) as entry from audit_entries a) e
        where action like 'do-not-call.%' order by sequence`,
      [],
      person.organizationId ?? '',
    )
  ).map(({ line }) => line.trim())

test('a sales person who was asked not to call again sees to it, and an admin may undo it', async () => {
  const rep = await api.aHolderOf('sales_person')
  const admin = await api.aHolderOf('admin', rep.organizationId ?? '')
  const made = await add(rep, '+12125550123', 'asked on the phone')
  expect(made).toMatchObject({ number: '+12125550123', note: 'asked on the phone' })
  expect(await isListed(rep, '+12125550123')).toBe(true)
  expect(await isListed(rep, '+12125550124')).toBe(false)

  const params = { doNotCallNumberId: made.id }
  expect((await api.call(contract.removeDoNotCallNumber, { params }, rep)).statusCode).toBe(403)
  expect((await api.call(contract.removeDoNotCallNumber, { params }, admin)).statusCode).toBe(204)
  expect((await api.call(contract.removeDoNotCallNumber, { params }, admin)).statusCode).toBe(404)
  expect(await isListed(rep, '+12125550123')).toBe(false)
  expect(await auditOf(admin)).toEqual(['do-not-call.add 1', 'do-not-call.remove'])
})

test('a number is there once, also when two add it at once, and its first note stays', async () => {
  const admin = await api.aHolderOf('admin')
  const both = await Promise.all([add(admin, '+12125550123'), add(admin, '+12125550123')])
  expect(both[0].id).toBe(both[1].id)
  expect((await add(admin, '+12125550123', 'later')).note).toBe('')
  expect(await auditOf(admin)).toEqual(['do-not-call.add 1'])
})

test('many are added at once; what is none is told, what is there is counted', async () => {
  const admin = await api.aHolderOf('admin')
  await add(admin, '+493012345678')
  const numbers = ['+49 30 1234 5678', '0049 (30) 12345679', '+1 212-555-0123', '+12125550123']
  const body = { numbers: [...numbers, '030 12345', 'nobody', ''], note: 'import' }
  const response = await api.call(contract.addDoNotCallNumbers, { body }, admin)
  expect(response.json()).toEqual({
    added: 2,
    alreadyThere: 1,
    invalid: ['030 12345', 'nobody', ''],
  })
  expect(await isListed(admin, '+493012345679')).toBe(true)
  expect(await auditOf(admin)).toEqual(['do-not-call.add 1', 'do-not-call.add 2'])
})

test('the list goes page by page, newest first, and finds a part of a number', async () => {
  const admin = await api.aHolderOf('admin')
  for (const last of ['1', '2', '3']) await add(admin, `+1212555012${last}`)
  const first = await api.call(contract.listDoNotCallNumbers, { query: { limit: 2 } }, admin)
  const page = contract.listDoNotCallNumbers.response.parse(first.json())
  expect(page.items.map(({ number }) => number)).toEqual(['+12125550123', '+12125550122'])
  const query = { limit: 2, cursor: page.nextCursor ?? '' }
  const second = await api.call(contract.listDoNotCallNumbers, { query }, admin)
  expect(second.json()).toMatchObject({ items: [{ number: '+12125550121' }], nextCursor: null })
  const found = await api.call(contract.listDoNotCallNumbers, { query: { search: '0122' } }, admin)
  expect(found.json().items).toHaveLength(1)
})

test('what is no number is refused', async () => {
  const admin = await api.aHolderOf('admin')
  for (const number of ['+1212', '2125550123', '+210123456789', '+12115550123']) {
    const response = await api.call(
      contract.addDoNotCallNumber,
      { body: { number, note: '' } },
      admin,
    )
    expect(response.statusCode, number).toBe(400)
  }
})

test('another organization calls whom it may, and cannot take our numbers away', async () => {
  const ours = await api.aHolderOf('admin')
  const theirs = await api.aHolderOf('admin')
  const made = await add(ours, '+12125550123')
  expect(await isListed(theirs, '+12125550123')).toBe(false)
  const remove = (id: string) =>
    api.call(contract.removeDoNotCallNumber, { params: { doNotCallNumberId: id } }, theirs)
  expect((await remove(made.id)).statusCode).toBe(404)
  expect((await remove(randomUUID())).statusCode).toBe(404)
  expect(await isListed(ours, '+12125550123')).toBe(true)
})
