import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { syncUser } from '#api/domains/access/service.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { changeRole, listMembers, removeMember } from './contract.ts'
import { refreshMember } from './service.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
async function memberIdOf(person: Person): Promise<string> {
  const [row] = await api.database.query<{ id: string }>(
    'app',
    'select id from memberships where user_id = $1',
    [person.userId],
    person.organizationId ?? '',
  )
  if (!row) throw new Error('the person is no member')
  return row.id
}

test('the list shows the people of the own organization only', async () => {
  const admin = await api.aHolderOf('admin')
  const colleague = await api.aPerson({
    organizationId: admin.organizationId ?? '',
    role: 'org_manager',
  })
  await api.aHolderOf('sales_person')
  const response = await api.call(listMembers, { query: {} }, admin)
  const { items } = listMembers.response.parse(response.json())
  expect(items.map(({ userId }) => userId).toSorted()).toEqual(
    [admin.userId, colleague.userId].toSorted(),
  )
})

test('a role is changed and a member removed, each with its audit entry and event', async () => {
  const admin = await api.aHolderOf('admin')
  const other = await api.aPerson({
    organizationId: admin.organizationId ?? '',
    role: 'sales_person',
  })
  const memberId = await memberIdOf(other)
  const changed = await api.call(
    changeRole,
    { params: { memberId }, body: { role: 'org_manager' } },
    admin,
  )
  expect(changed.json()).toMatchObject({ id: memberId, role: 'org_manager' })
  expect((await api.call(removeMember, { params: { memberId } }, admin)).statusCode).toBe(204)

  const entries = await api.database.query(
    'app',
    `select action, actor_id, before, after from audit_entries where action <> 'members.add' order by sequence`,
    [],
    admin.organizationId ?? '',
  )
  expect(entries).toEqual([
    {
      action: 'members.change-role',
      actor_id: admin.userId,
      before: { role: 'sales_person' },
      after: { role: 'org_manager' },
    },
    {
      action: 'members.remove',
      actor_id: admin.userId,
      before: { userId: other.userId, role: 'org_manager' },
      after: null,
    },
  ])
  expect(api.sent.at(-1)).toMatchObject({ name: 'member.removed', data: { userId: other.userId } })
})

test('the last admin can neither be demoted nor removed', async () => {
  const admin = await api.aHolderOf('admin')
  const memberId = await memberIdOf(admin)
  const demoted = await api.call(
    changeRole,
    { params: { memberId }, body: { role: 'org_manager' } },
    admin,
  )
  const removed = await api.call(removeMember, { params: { memberId } }, admin)
  expect([codeOf(demoted), codeOf(removed)]).toEqual(['members.last_admin', 'members.last_admin'])
})

test('two admins who demote each other at once leave one admin', async () => {
  const first = await api.aHolderOf('admin')
  const second = await api.aPerson({ organizationId: first.organizationId ?? '', role: 'admin' })
  const [firstId, secondId] = [await memberIdOf(first), await memberIdOf(second)]
  const answers = await Promise.all([
    api.call(changeRole, { params: { memberId: secondId }, body: { role: 'sales_person' } }, first),
    api.call(removeMember, { params: { memberId: firstId } }, second),
  ])
  expect(answers.filter(({ statusCode }) => statusCode < 300)).toHaveLength(1)
  const admins = await api.database.query(
    'app',
    `select 1 from memberships where role = 'admin'`,
    [],
    first.organizationId ?? '',
  )
  expect(admins).toHaveLength(1)
})

test('a person’s new name reaches the member list', async () => {
  const admin = await api.aHolderOf('admin')
  const listed = async () =>
    listMembers.response.parse((await api.call(listMembers, { query: {} }, admin)).json()).items[0]
  const user = {
    clerkUserId: admin.clerkUserId,
    email: 'ada@voxcalls.test',
    emailVerified: true,
    name: 'Ada',
  }
  await syncUser(api.ctx, user)
  await refreshMember(api.ctx, admin.userId)
  expect(await listed()).toMatchObject({ name: 'Ada', email: 'ada@voxcalls.test' })

  await refreshMember(api.ctx, randomUUID())
  expect(await listed()).toMatchObject({ name: 'Ada' })
})

test('a member that does not exist is 404', async () => {
  const admin = await api.aHolderOf('admin')
  const response = await api.call(removeMember, { params: { memberId: randomUUID() } }, admin)
  expect([response.statusCode, codeOf(response)]).toEqual([404, 'request.not_found'])
})
