import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import * as contract from './contract.ts'

const LISTED = 'root@voxcalls.test'
let api: TestApi
let root: Person
beforeAll(async () => {
  api = await testApi({ SUPER_ADMIN_EMAILS: `Somebody@voxcalls.test, ${LISTED}` })
  root = await api.aPerson({ email: 'Root@VoxCalls.test' })
})
afterAll(() => api.close())

const anAddress = () => `${randomUUID()}@voxcalls.test`
const outcome = (response: { statusCode: number; json(): unknown }) =>
  response.statusCode < 300 ? response.statusCode : problem.parse(response.json()).code
const grant = (email: string, role: 'super_admin' | 'manager', by = root) =>
  api.call(contract.grantPlatformRole, { body: { email, role, reason: 'needed' } }, by)
const revoke = (userId: string, by = root) =>
  api.call(contract.revokePlatformRole, { params: { userId } }, by)
const list = async (by = root) => {
  const response = await api.call(contract.listPlatformAdmins, {}, by)
  return contract.listPlatformAdmins.response.parse(response.json()).items
}
const audited = (subject: string) =>
  api.database.query(
    'platform',
    'select action, actor_id, before, after from platform_audit_entries where subject = $1 order by sequence',
    [subject],
  )

test('a role is granted by address, counts at once, is changed, taken away, and all of it recorded', async () => {
  const email = anAddress()
  const person = await api.aPerson({ email })
  expect(outcome(await api.call(contract.listPlatformAdmins, {}, person))).toBe('request.forbidden')

  const granted = await grant(email.toUpperCase(), 'manager')
  expect(granted.json()).toMatchObject({
    userId: person.userId,
    role: 'manager',
    origin: 'grant',
    grantedByUserId: root.userId,
  })
  expect(outcome(await grant(email, 'manager'))).toBe(200)
  expect((await grant(email, 'super_admin')).json()).toMatchObject({ role: 'super_admin' })
  expect((await list(person)).map(({ userId }) => userId)).toContain(person.userId)

  expect(outcome(await revoke(person.userId))).toBe(204)
  expect(outcome(await revoke(person.userId))).toBe('request.not_found')
  expect(outcome(await api.call(contract.listPlatformAdmins, {}, person))).toBe('request.forbidden')
  const by = { actor_id: root.userId }
  const action = 'access.grant-platform-role'
  expect(await audited(person.userId)).toEqual([
    { ...by, action, before: { role: null }, after: { role: 'manager', reason: 'needed' } },
    {
      ...by,
      action,
      before: { role: 'manager' },
      after: { role: 'super_admin', reason: 'needed' },
    },
    {
      ...by,
      action: 'access.revoke-platform-role',
      before: { role: 'super_admin' },
      after: null,
    },
  ])
})

test('the allow-list is shown as such and changed there only, and counts only for a proved address', async () => {
  const listed = (await list()).find(({ userId }) => userId === root.userId)
  expect(listed).toMatchObject({ role: 'super_admin', origin: 'allow-list', grantedAt: null })

  const other = await api.aHolderOf('super_admin')
  expect(outcome(await revoke(root.userId, other))).toBe('access.on_allow_list')
  expect(outcome(await grant(LISTED, 'manager', other))).toBe('access.on_allow_list')

  const pretender = await api.aPerson({ email: 'somebody@voxcalls.test' })
  await api.database.query('platform', 'update users set email_verified = false where id = $1', [
    pretender.userId,
  ])
  expect(outcome(await api.call(contract.listPlatformAdmins, {}, pretender))).toBe(
    'request.forbidden',
  )
  expect((await list()).map(({ userId }) => userId)).not.toContain(pretender.userId)
})

test('nobody changes their own role, and a role needs an address somebody has proved', async () => {
  const email = anAddress()
  const other = await api.aPerson({ email, platformRole: 'super_admin' })
  expect(outcome(await revoke(other.userId, other))).toBe('access.own_role')
  expect(outcome(await grant(email, 'manager', other))).toBe('access.own_role')
  expect(outcome(await revoke(root.userId))).toBe('access.own_role')
  expect(outcome(await grant(anAddress(), 'manager'))).toBe('access.unknown_address')

  const unproven = anAddress()
  const { userId } = await api.aPerson({ email: unproven })
  await api.database.query('platform', 'update users set email_verified = false where id = $1', [
    userId,
  ])
  expect(outcome(await grant(unproven, 'manager'))).toBe('access.unknown_address')
  expect(outcome(await revoke(randomUUID()))).toBe('request.not_found')
  expect(await audited(userId)).toEqual([])
})

test('two super admins who take each other’s role at once leave one', async () => {
  for (let round = 0; round < 3; round++) {
    const [first, second] = [await api.aHolderOf('super_admin'), await api.aHolderOf('super_admin')]
    const answers = await Promise.all([revoke(second.userId, first), revoke(first.userId, second)])
    expect(answers.map(outcome).map(String).toSorted()).toEqual(['204', 'request.forbidden'])
  }
})

test('the first grant of all, made several times at once, is made and recorded once', async () => {
  await api.database.query('platform', 'delete from platform_admins')
  const email = anAddress()
  const { userId } = await api.aPerson({ email })
  const answers = await Promise.all([1, 2, 3].map(() => grant(email, 'manager')))
  expect(answers.map(outcome)).toEqual([200, 200, 200])
  expect(await audited(userId)).toHaveLength(1)
})
