import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Actor, forOrganization } from '#api/core/context.ts'
import { syncUser } from '#api/domains/access/service.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { changeRole, leaveOrganization, listAdmins, listMembers, removeMember } from './contract.ts'
import * as verbs from './service.ts'
import { noteSeen, refreshMember } from './service.ts'

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
    updatedAt: new Date(),
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

test('members are found by role and by a part of name or address, wildcards taken literally', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const email = `Grace.${randomUUID()}@Voxcalls.test`
  const grace = await api.aPerson({ organizationId, role: 'sales_person', email })
  const find = async (query: { role?: 'admin' | 'sales_person'; search?: string }) => {
    const response = await api.call(listMembers, { query }, admin)
    return listMembers.response.parse(response.json()).items.map(({ userId }) => userId)
  }
  expect(await find({ role: 'sales_person' })).toEqual([grace.userId])
  expect(await find({ search: 'gRaCe.' })).toEqual([grace.userId])
  expect(await find({ search: 'test per' })).toHaveLength(2)
  expect(await find({ role: 'admin', search: 'grace' })).toEqual([])
  for (const search of ['%', 'gr_ce', '\\', `"';--`]) expect(await find({ search })).toEqual([])
})

test('a member was last seen in this hour, written once however often and however many at once', async () => {
  const admin = await api.aHolderOf('admin')
  const stored = () =>
    api.database.query<{ seen_at: Date; xmin: string }>(
      'app',
      'select seen_at, xmin::text from memberships where user_id = $1',
      [admin.userId],
      admin.organizationId ?? '',
    )
  const ask = () => api.call(listMembers, { query: {} }, admin)
  expect(await stored()).toMatchObject([{ seen_at: null }])
  await Promise.all([ask(), ask(), ask(), ask()])
  const [first] = await stored()
  expect((first?.seen_at.getTime() ?? 1) % 3_600_000).toBe(0)
  const response = await ask()
  expect(listMembers.response.parse(response.json()).items[0]?.seenAt).toEqual(first?.seen_at)

  const own = forOrganization(api.ctx, admin.organizationId ?? '')
  const at = (iso: string) => ({ ...own, now: () => new Date(iso) })
  await noteSeen(at('2030-01-01T10:59:59Z'), admin.userId, first?.seen_at ?? null)
  const [later] = await stored()
  expect(later?.seen_at).toEqual(new Date('2030-01-01T10:00:00Z'))
  // A request that read the row before another wrote it changes nothing, and time does not run back.
  await noteSeen(at('2030-01-01T10:30:00Z'), admin.userId, null)
  await noteSeen(at('2029-01-01T10:30:00Z'), admin.userId, null)
  expect(await stored()).toEqual([later])
})

test('nobody acts on a role above their own: not to take it away and not to give it', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const second = await api.aPerson({ organizationId, role: 'admin' })
  const seller = await api.aPerson({ organizationId, role: 'sales_person' })
  const as = (actor: Actor) => ({ ...forOrganization(api.ctx, organizationId), actor })
  const manager = as({
    kind: 'user',
    userId: randomUUID(),
    email: '',
    platformRole: null,
    membership: { organizationId, role: 'org_manager' },
  })
  const program = as({ kind: 'key', keyId: randomUUID(), organizationId, permissions: [] })
  const tooHigh = { code: 'members.role_too_high', status: 403 }
  const [secondId, sellerId] = [await memberIdOf(second), await memberIdOf(seller)]
  for (const ctx of [manager, program]) {
    await expect(verbs.changeRole(ctx, secondId, 'sales_person')).rejects.toMatchObject(tooHigh)
    await expect(verbs.changeRole(ctx, sellerId, 'admin')).rejects.toMatchObject(tooHigh)
    await expect(verbs.removeMember(ctx, secondId)).rejects.toMatchObject(tooHigh)
  }
  expect(await verbs.changeRole(program, sellerId, 'org_manager')).toMatchObject({
    role: 'org_manager',
  })
  expect(await verbs.listAdmins(as({ kind: 'anyone' }))).toEqual([
    expect.objectContaining({ userId: admin.userId }),
    expect.objectContaining({ userId: second.userId }),
  ])
})

test('two admins who remove themselves at once leave one', async () => {
  const first = await api.aHolderOf('admin')
  const second = await api.aPerson({ organizationId: first.organizationId ?? '', role: 'admin' })
  const leave = async (person: Person) =>
    api.call(removeMember, { params: { memberId: await memberIdOf(person) } }, person)
  const answers = await Promise.all([leave(first), leave(second)])
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 409])
})

test('whoever asks to leave twice at once has left once, with an audit entry and an event', async () => {
  const admin = await api.aHolderOf('admin')
  const organizationId = admin.organizationId ?? ''
  const seller = await api.aPerson({ organizationId, role: 'sales_person' })
  const told = api.sent.length
  const answers = await Promise.all([1, 2].map(() => api.call(leaveOrganization, {}, seller)))
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 404])
  const entries = await api.database.query(
    'app',
    `select actor_id, before from audit_entries where action = 'members.leave'`,
    [],
    organizationId,
  )
  const before = { userId: seller.userId, role: 'sales_person' }
  expect(entries).toEqual([{ actor_id: seller.userId, before }])
  expect(api.sent.slice(told)).toMatchObject([
    { name: 'member.removed', data: { organizationId, userId: seller.userId } },
  ])
  expect((await api.call(listAdmins, {}, seller)).statusCode).toBe(403)
})

test('the last admin cannot leave, of two who leave at once one stays', async () => {
  const first = await api.aHolderOf('admin')
  const alone = await api.call(leaveOrganization, {}, first)
  expect([alone.statusCode, codeOf(alone)]).toEqual([409, 'members.last_admin'])

  const second = await api.aPerson({ organizationId: first.organizationId ?? '', role: 'admin' })
  const answers = await Promise.all(
    [first, second].map((person) => api.call(leaveOrganization, {}, person)),
  )
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 409])
})

test('who belongs nowhere has nothing to leave', async () => {
  for (const person of [await api.aPerson(), await api.aHolderOf('super_admin')]) {
    const response = await api.call(leaveOrganization, {}, person)
    expect([response.statusCode, codeOf(response)]).toEqual([404, 'request.not_found'])
  }
})

test('every member may know whom to ask: the admins of the own organization, in the order they came', async () => {
  const first = await api.aHolderOf('admin')
  const organizationId = first.organizationId ?? ''
  const second = await api.aPerson({ organizationId, role: 'admin' })
  const seller = await api.aPerson({ organizationId, role: 'sales_person' })
  await api.aHolderOf('admin')
  const response = await api.call(listAdmins, {}, seller)
  const { items } = listAdmins.response.parse(response.json())
  expect(items.map(({ userId }) => userId)).toEqual([first.userId, second.userId])
  expect((await api.call(listAdmins, {}, await api.aPerson())).statusCode).toBe(403)
})
