import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { forOrganization } from '#api/core/context.ts'
import { pauseOrganization, resumeOrganization } from '#api/domains/organizations/service.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import { changeRole, listMembers, removeMember } from '#contracts/members'
import { createOrganization } from '#contracts/organizations'
import * as contract from './contract.ts'
import { emailHint, tokenOf } from './links.ts'
import { createInvitation } from './service.ts'

let api: TestApi
let admin: Person
let organizationId: string
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())
beforeEach(async () => {
  admin = await api.aHolderOf('admin')
  organizationId = admin.organizationId ?? ''
})

type Role = 'admin' | 'org_manager' | 'sales_person'
type Answer = { statusCode: number; json(): unknown }
const codeOf = (response: Answer) => problem.parse(response.json()).code
const outcome = (response: Answer) =>
  response.statusCode < 300 ? response.statusCode : codeOf(response)
const anAddress = () => `${randomUUID()}@voxcalls.test`

async function invite(email: string, role: Role = 'sales_person', by = admin) {
  const response = await api.call(contract.createInvitation, { body: { email, role } }, by)
  expect(response.statusCode, response.body).toBe(201)
  return contract.invitation.parse(response.json())
}
const tokenFor = (invitationId: string, sends = 1) =>
  tokenOf(forOrganization(api.ctx, organizationId), invitationId, sends)
const accept = (token: string, as?: Person) =>
  api.call(contract.acceptInvitation, { body: { token } }, as)
const resend = (invitationId: string) =>
  api.call(contract.resendInvitation, { params: { invitationId } }, admin)
const revoke = (invitationId: string) =>
  api.call(contract.revokeInvitation, { params: { invitationId } }, admin)
const preview = (token: string) => api.call(contract.previewInvitation, { body: { token } })
const rows = (text: string, values: unknown[] = []) =>
  api.database.query<Record<string, unknown>>('app', text, values, organizationId)
const actions = async () =>
  (await rows('select action, before, after from audit_entries order by sequence')).map(
    ({ action, before, after }) => ({ action, before, after }),
  )
const stateOf = async (invitationId: string) =>
  (await rows('select state from invitations where id = $1', [invitationId]))[0]?.state
const membersNow = async () => (await rows('select user_id from memberships')).length
const expire = (invitationId: string) =>
  rows(`update invitations set expires_at = now() - interval '1 second' where id = $1`, [
    invitationId,
  ])

test('an invited person joins once, by the link, with the role of the invitation', async () => {
  const email = anAddress()
  const invitation = await invite(email.toUpperCase(), 'org_manager')
  expect(invitation).toMatchObject({ email, status: 'pending', sentAt: null })
  expect(invitation.invitedBy).toBe('Test Person')
  const hours = (invitation.expiresAt.getTime() - invitation.createdAt.getTime()) / 3_600_000
  expect(hours).toBe(72)
  expect(api.sent).toContainEqual({
    name: 'invitation.issued',
    data: { organizationId, invitationId: invitation.id, sends: 1 },
  })

  const token = tokenFor(invitation.id)
  expect((await preview(token)).json()).toMatchObject({
    status: 'pending',
    organizationName: 'Test organization',
    organizationStatus: 'active',
    role: 'org_manager',
    emailHint: emailHint(email),
  })
  const guest = await api.aPerson({ email })
  const joined = await accept(token, guest)
  expect(joined.json()).toEqual({ organizationId, role: 'org_manager' })
  expect(outcome(await accept(token, guest))).toBe('invitations.accepted')
  expect((await preview(token)).json()).toMatchObject({ status: 'accepted' })

  const found = await rows('select role from memberships where user_id = $1', [guest.userId])
  expect(found).toEqual([{ role: 'org_manager' }])
  const told = await actions()
  expect(told.map(({ action }) => action)).toEqual([
    'members.add',
    'invitations.create',
    'members.add',
    'invitations.accept',
  ])
  expect(JSON.stringify(told)).not.toContain(email)
  expect(api.sent.at(-1)).toEqual({
    name: 'member.joined',
    data: { organizationId, userId: guest.userId },
  })
})

test('the database holds no token, only its hash, and the link keeps it from logs', async () => {
  const invitation = await invite(anAddress())
  const token = tokenFor(invitation.id)
  const link = await api.call(
    contract.getInvitationLink,
    { params: { invitationId: invitation.id } },
    admin,
  )
  expect(link.json()).toEqual({ url: `http://localhost:3000/invite#${token}` })
  await preview(token)
  await accept(token, await api.aPerson())
  const stored = await rows('select * from invitations where id = $1', [invitation.id])
  expect(JSON.stringify(stored)).not.toContain(token)
  expect(JSON.stringify(api.logged())).not.toContain(token)
})

test('another address is told which one is meant, an unverified one to be verified', async () => {
  const email = 'ada.lovelace@example.com'
  const { id } = await invite(email)
  const stranger = await api.aPerson()
  const refused = await accept(tokenFor(id), stranger)
  expect(outcome(refused)).toBe('invitations.other_address')
  expect(problem.parse(refused.json()).detail).toContain('a…e@example.com')

  const unproven = await api.aPerson({ email })
  await api.database.query('platform', 'update users set email_verified = false where id = $1', [
    unproven.userId,
  ])
  expect(outcome(await accept(tokenFor(id), unproven))).toBe('invitations.address_not_verified')
  const own = await api.call(contract.listOwnInvitations, {}, unproven)
  expect(own.json()).toEqual({ items: [] })
  expect(await stateOf(id)).toBe('pending')
})

test.each([
  ['ada@example.com', 'a…a@example.com'],
  ['ab@example.com', 'a…@example.com'],
  ['a@example.com', 'a…@example.com'],
  ['"a@b"@example.com', '"…"@example.com'],
])('of %s the hint is %s', (email, hint) => {
  expect(emailHint(email)).toBe(hint)
})

test('a link that was replaced, taken back, expired or made up opens nothing', async () => {
  const email = anAddress()
  const guest = await api.aPerson({ email })
  const { id } = await invite(email)
  await resend(id)
  expect(outcome(await accept(tokenFor(id, 1), guest))).toBe('request.not_found')
  expect((await preview(tokenFor(id, 1))).statusCode).toBe(404)

  await expire(id)
  expect(outcome(await accept(tokenFor(id, 2), guest))).toBe('invitations.expired')
  const link = { params: { invitationId: id } }
  expect(outcome(await api.call(contract.getInvitationLink, link, admin))).toBe(
    'invitations.expired',
  )
  expect((await resend(id)).json()).toMatchObject({ status: 'pending' })

  expect((await revoke(id)).json()).toMatchObject({ status: 'revoked' })
  expect(outcome(await accept(tokenFor(id, 3), guest))).toBe('invitations.revoked')
  expect(outcome(await revoke(id))).toBe('invitations.revoked')
  expect(outcome(await resend(id))).toBe('invitations.revoked')

  expect(outcome(await accept(tokenFor(randomUUID()), guest))).toBe('request.not_found')
  expect((await accept('short', guest)).statusCode).toBe(400)
  expect((await accept(tokenFor(id))).statusCode).toBe(401)
  expect(await membersNow()).toBe(1)
  expect((await actions()).map(({ action }) => action).slice(-4)).toEqual([
    'invitations.create',
    'invitations.resend',
    'invitations.resend',
    'invitations.revoke',
  ])
})

test('who is a member or invited already is not invited again', async () => {
  const email = anAddress()
  const { id } = await invite(email)
  const again = (address: string) =>
    api.call(contract.createInvitation, { body: { email: address, role: 'sales_person' } }, admin)
  expect(outcome(await again(email))).toBe('invitations.already_invited')
  const atOnce = anAddress()
  const answers = await Promise.all([again(atOnce), again(atOnce), again(atOnce)])
  expect(answers.map(outcome).toSorted()).toEqual([
    201,
    'invitations.already_invited',
    'invitations.already_invited',
  ])
  await accept(tokenFor(id), await api.aPerson({ email }))
  expect(outcome(await again(email))).toBe('invitations.already_member')
  // Two organizations may want the same person.
  const rival = await api.aHolderOf('admin')
  await invite(email, 'admin', rival)
})

test('nobody invites to a role above their own, a program to none above manager', async () => {
  const own = forOrganization(api.ctx, organizationId)
  const asRole = (role: Role) => ({
    ...own,
    actor: {
      kind: 'user' as const,
      userId: admin.userId,
      email: '',
      platformRole: null,
      membership: { organizationId, role },
    },
  })
  const asKey = {
    ...own,
    actor: { kind: 'key' as const, keyId: randomUUID(), organizationId, permissions: [] },
  }
  const tooHigh = { code: 'invitations.role_too_high' }
  const asked = (role: Role) => ({ email: anAddress(), role })
  await expect(createInvitation(asRole('org_manager'), asked('admin'))).rejects.toMatchObject(
    tooHigh,
  )
  await expect(createInvitation(asKey, asked('admin'))).rejects.toMatchObject(tooHigh)
  expect(await createInvitation(asKey, asked('org_manager'))).toMatchObject({ invitedBy: null })
})

test('nobody joins an organization that is paused, and an invitation waits for its return', async () => {
  const email = anAddress()
  const guest = await api.aPerson({ email })
  const { id } = await invite(email)
  await pauseOrganization(api.ctx, organizationId, 'unpaid')
  expect(outcome(await accept(tokenFor(id), guest))).toBe('invitations.organization_not_active')
  expect((await preview(tokenFor(id))).json()).toMatchObject({ organizationStatus: 'paused' })
  expect((await api.call(contract.listOwnInvitations, {}, guest)).json()).toEqual({ items: [] })
  await resumeOrganization(api.ctx, organizationId, 'paid')
  expect(outcome(await accept(tokenFor(id), guest))).toBe(200)
})

test('a signed-in person finds what waits for the verified address and joins without a link', async () => {
  const email = anAddress()
  const guest = await api.aPerson({ email })
  const rival = await api.aHolderOf('admin')
  const mine = await invite(email, 'org_manager')
  const theirs = await invite(email, 'sales_person', rival)
  await invite(anAddress())
  const gone = await invite(email, 'admin', await api.aHolderOf('admin'))
  await api.database.query('admin', `update invitations set expires_at = now() where id = $1`, [
    gone.id,
  ])
  const own = await api.call(contract.listOwnInvitations, {}, guest)
  const { items } = contract.listOwnInvitations.response.parse(own.json())
  expect(items.map(({ id, role }) => ({ id, role }))).toEqual([
    { id: theirs.id, role: 'sales_person' },
    { id: mine.id, role: 'org_manager' },
  ])
  expect(items[0]).toMatchObject({
    organizationName: 'Test organization',
    invitedBy: 'Test Person',
  })

  const take = (invitationId: string, as: Person) =>
    api.call(contract.acceptOwnInvitation, { params: { invitationId } }, as)
  expect(outcome(await take(mine.id, await api.aPerson()))).toBe('request.not_found')
  expect(outcome(await take(gone.id, guest))).toBe('invitations.expired')
  expect((await take(mine.id, guest)).json()).toEqual({ organizationId, role: 'org_manager' })
  expect(outcome(await take(theirs.id, guest))).toBe('members.already_member')
  expect((await preview(tokenFor(theirs.id))).json()).toMatchObject({ status: 'pending' })
})

test('one invitation accepted many times at once makes one member', async () => {
  const email = anAddress()
  const { id } = await invite(email)
  // Two accounts of one address: the verified address counts, and the link only once.
  const [first, second] = [await api.aPerson({ email }), await api.aPerson({ email })]
  const token = tokenFor(id)
  const answers = await Promise.all([first, second, first, second].map((as) => accept(token, as)))
  const outcomes = answers.map(outcome)
  expect(outcomes.filter((one) => one === 200)).toHaveLength(1)
  expect(new Set(outcomes)).toEqual(new Set([200, 'invitations.accepted']))
  expect(await membersNow()).toBe(2)
})

test('somebody who joins two organizations at once belongs to one, and the other invitation stays', async () => {
  for (let round = 0; round < 3; round++) {
    const email = anAddress()
    const guest = await api.aPerson({ email })
    const rival = await api.aHolderOf('admin')
    const [here, there] = [await invite(email), await invite(email, 'sales_person', rival)]
    const answers = await Promise.all([
      accept(tokenFor(here.id), guest),
      accept(tokenFor(there.id), guest),
      api.call(createOrganization, { body: { name: 'Mine', timeZone: 'UTC' } }, guest),
    ])
    const won = answers.filter(({ statusCode }) => statusCode < 300)
    expect(won).toHaveLength(1)
    for (const lost of answers.filter((one) => !won.includes(one)))
      expect(codeOf(lost)).toBe('members.already_member')
    const states = await api.database.query<{ state: string }>(
      'admin',
      'select state from invitations where id = any($1)',
      [[here.id, there.id]],
    )
    const taken = answers.slice(0, 2).filter(({ statusCode }) => statusCode < 300).length
    expect(states.filter(({ state }) => state === 'accepted')).toHaveLength(taken)
  }
})

test('accepted while it is taken back: one of the two happens', async () => {
  for (let round = 0; round < 4; round++) {
    const email = anAddress()
    const guest = await api.aPerson({ email })
    const { id } = await invite(email)
    const before = await membersNow()
    const [joined, revoked] = await Promise.all([accept(tokenFor(id), guest), revoke(id)])
    const happened = [outcome(joined), outcome(revoked)]
    expect([
      [200, 'invitations.accepted'],
      ['invitations.revoked', 200],
    ]).toContainEqual(happened)
    expect((await membersNow()) - before).toBe(joined.statusCode === 200 ? 1 : 0)
  }
})

test('accepted while it is sent again: joined by the old link, or that link is dead', async () => {
  for (let round = 0; round < 4; round++) {
    const email = anAddress()
    const guest = await api.aPerson({ email })
    const { id } = await invite(email)
    const [joined, sent] = await Promise.all([accept(tokenFor(id), guest), resend(id)])
    expect([
      [200, 'invitations.accepted'],
      ['request.not_found', 200],
    ]).toContainEqual([outcome(joined), outcome(sent)])
    expect(await stateOf(id)).toBe(joined.statusCode === 200 ? 'accepted' : 'pending')
  }
})

test('accepted while the organization is paused: joined before, or not at all', async () => {
  const email = anAddress()
  const guest = await api.aPerson({ email })
  const { id } = await invite(email)
  const [joined] = await Promise.all([
    accept(tokenFor(id), guest),
    pauseOrganization(api.ctx, organizationId, 'unpaid'),
  ])
  expect([200, 'invitations.organization_not_active']).toContain(outcome(joined))
})

test('the list tells the four statuses apart and pages through them', async () => {
  const made = [await invite(anAddress()), await invite(anAddress()), await invite(anAddress())]
  const [pending, expired, revoked] = made.map(({ id }) => id) as [string, string, string]
  await expire(expired)
  await revoke(revoked)
  const email = anAddress()
  const accepted = await invite(email)
  await accept(tokenFor(accepted.id), await api.aPerson({ email }))

  const list = async (query: { status?: 'pending'; limit?: number; cursor?: string }) =>
    contract.listInvitations.response.parse(
      (await api.call(contract.listInvitations, { query }, admin)).json(),
    )
  const statuses = ['pending', 'expired', 'accepted', 'revoked'] as const
  const idsOf = { pending, expired, accepted: accepted.id, revoked }
  for (const status of statuses) {
    const response = await api.call(contract.listInvitations, { query: { status } }, admin)
    const { items } = contract.listInvitations.response.parse(response.json())
    expect(items.map(({ id, status: shown }) => [id, shown])).toEqual([[idsOf[status], status]])
  }
  const first = await list({ limit: 3 })
  const second = await list({ limit: 3, cursor: first.nextCursor ?? '' })
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([
    accepted.id,
    ...[pending, expired, revoked].toReversed(),
  ])
  expect(second.nextCursor).toBeNull()
})

test('another organization’s invitation is no different from none', async () => {
  const { id } = await invite(anAddress())
  const other = await api.aHolderOf('admin')
  const withoutId = (body: string) => ({ ...(JSON.parse(body) as object), requestId: '' })
  for (const declared of [
    contract.resendInvitation,
    contract.revokeInvitation,
    contract.getInvitationLink,
  ]) {
    const asked = (invitationId: string) => api.call(declared, { params: { invitationId } }, other)
    const [foreign, random] = [await asked(id), await asked(randomUUID())]
    expect(foreign.statusCode).toBe(404)
    expect(withoutId(foreign.body)).toEqual(withoutId(random.body))
  }
  expect(await stateOf(id)).toBe('pending')
})

test('the inviter’s removal takes the name from the list, not the invitation', async () => {
  const second = await api.aHolderOf('admin', organizationId)
  const { id } = await invite(anAddress(), 'sales_person', second)
  const listed = await api.call(listMembers, { query: { search: 'TEST', role: 'admin' } }, admin)
  const { items } = listMembers.response.parse(listed.json())
  const member = items.find(({ userId }) => userId === second.userId)
  await api.call(removeMember, { params: { memberId: member?.id ?? '' } }, admin)
  const shown = await api.call(contract.listInvitations, { query: {} }, admin)
  expect(contract.listInvitations.response.parse(shown.json()).items[0]).toMatchObject({
    id,
    status: 'pending',
    invitedBy: null,
  })
  expect(
    (
      await api.call(
        changeRole,
        { params: { memberId: member?.id ?? '' }, body: { role: 'admin' } },
        admin,
      )
    ).statusCode,
  ).toBe(404)
})

test('an organization that lost its last admin gets another one from the office', async () => {
  const root = await api.aHolderOf('super_admin')
  const manager = await api.aHolderOf('org_manager', organizationId)
  await rows('delete from memberships where user_id = $1', [admin.userId])
  const email = anAddress()
  const ask = (as: Person, address = email) =>
    api.call(
      contract.inviteAdmin,
      { params: { organizationId }, body: { email: address, reason: 'no admin left' } },
      as,
    )
  expect(outcome(await ask(manager))).toBe('request.forbidden')
  expect(outcome(await ask(await api.aHolderOf('manager')))).toBe('request.forbidden')
  const invitation = contract.invitation.parse((await ask(root)).json())
  expect(invitation).toMatchObject({ email, role: 'admin', status: 'pending', invitedBy: null })
  expect(outcome(await ask(root))).toBe('invitations.already_invited')

  const heir = await api.aPerson({ email })
  expect((await accept(tokenFor(invitation.id), heir)).json()).toMatchObject({ role: 'admin' })
  expect(await actions()).toContainEqual({
    action: 'invitations.create',
    before: null,
    after: { role: 'admin', reason: 'no admin left' },
  })
  expect(outcome(await api.call(contract.listInvitations, { query: {} }, heir))).toBe(200)

  const params = { organizationId: randomUUID() }
  const body = { email, reason: 'no admin left' }
  expect(outcome(await api.call(contract.inviteAdmin, { params, body }, root))).toBe(
    'request.not_found',
  )
  await pauseOrganization(api.ctx, organizationId, 'unpaid')
  expect(outcome(await ask(root, anAddress()))).toBe('invitations.organization_not_active')
})

test('a request to invite that is sent twice invites once and is answered the same', async () => {
  const root = await api.aHolderOf('super_admin')
  const twice = async (request: InjectOptions) => {
    const key = { ...request.headers, 'idempotency-key': randomUUID() }
    const first = await api.app.inject({ ...request, headers: key })
    const second = await api.app.inject({ ...request, headers: key })
    expect([first.statusCode, second.statusCode]).toEqual([first.statusCode, first.statusCode])
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.json()).toEqual(first.json())
    return contract.invitation.parse(first.json())
  }
  const body = { email: anAddress(), role: 'sales_person' as const }
  const invited = await twice(requestOf(contract.createInvitation, { body }, admin.token))
  const params = { invitationId: invited.id }
  await twice(requestOf(contract.resendInvitation, { params }, admin.token))
  const office = { params: { organizationId }, body: { email: anAddress(), reason: 'asked for' } }
  await twice(requestOf(contract.inviteAdmin, office, root.token))
  expect(await rows('select sends, role from invitations order by sends')).toEqual([
    { sends: 1, role: 'admin' },
    { sends: 2, role: 'sales_person' },
  ])
})
