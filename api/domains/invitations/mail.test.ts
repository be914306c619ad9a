import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, forOrganization } from '#api/core/context.ts'
import { createSigner } from '#api/core/signer.ts'
import { pauseOrganization } from '#api/domains/organizations/service.ts'
import { subscriptions } from '#api/subscriptions.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { createQueue } from '#db/queue.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type MailStandIn, startMail } from '../../../sandbox/mail/start.ts'
import * as contract from './contract.ts'
import { invitationIssued } from './events.ts'
import { mailInvitationJob } from './jobs.ts'
import { invitationLetter, mailInvitation, secondsToRetry } from './mail.ts'
import { createInvitation } from './service.ts'

let api: TestApi
let mail: MailStandIn
let admin: Person
const faults = new Faults()
beforeAll(async () => {
  mail = await startMail({ port: 0, journal: new Journal(), faults })
  api = await testApi({ SMTP_URL: mail.url })
  admin = await api.aHolderOf('admin')
})
afterAll(async () => {
  await api.close()
  await mail.close()
})

const anAddress = () => `${randomUUID()}@voxcalls.test`
async function invite(email: string, by = admin) {
  const body = { email, role: 'org_manager' as const }
  const response = await api.call(contract.createInvitation, { body }, by)
  const { id: invitationId } = contract.invitation.parse(response.json())
  return { organizationId: by.organizationId ?? '', invitationId, sends: 1 }
}
const shown = async ({ invitationId }: { invitationId: string }) => {
  const response = await api.call(contract.listInvitations, { query: {} }, admin)
  const { items } = contract.listInvitations.response.parse(response.json())
  return items.find(({ id }) => id === invitationId)
}
const sentAt = async (issued: { invitationId: string }) => (await shown(issued))?.sentAt
const mailsTo = (email: string) => mail.inbox.list(email)
const linkIn = (text: string) => /\/invite#([\w-]{43})/.exec(text)?.[1] ?? ''

test('the mail’s link lets the invited person in', async () => {
  const email = anAddress()
  const issued = await invite(email)
  await mailInvitationJob.run(api.ctx, issued)
  const [received] = mailsTo(email)
  expect(received?.subject).toBe('Test Person invites you to Test organization on VoxCalls')
  expect(received?.text).toContain('as a manager')
  const token = linkIn(received?.text ?? '')
  expect(received?.html).toContain(`href="http://localhost:3000/invite#${token}"`)
  expect(await sentAt(issued)).toBeInstanceOf(Date)

  const guest = await api.aPerson({ email })
  const joined = await api.call(contract.acceptInvitation, { body: { token } }, guest)
  expect(joined.statusCode).toBe(200)
})

test('a job that runs twice sends one mail, and an outdated one none', async () => {
  const email = anAddress()
  const issued = await invite(email)
  await mailInvitationJob.run(api.ctx, issued)
  await mailInvitationJob.run(api.ctx, issued)
  expect(mailsTo(email)).toHaveLength(1)

  const params = { invitationId: issued.invitationId }
  await api.call(contract.resendInvitation, { params }, admin)
  await api.call(contract.resendInvitation, { params }, admin)
  await mailInvitationJob.run(api.ctx, { ...issued, sends: 2 })
  expect(mailsTo(email)).toHaveLength(1)
  await mailInvitationJob.run(api.ctx, { ...issued, sends: 3 })
  expect(mailsTo(email)).toHaveLength(2)
  const tokens = mailsTo(email).map(({ text }) => linkIn(text))
  expect(new Set(tokens).size).toBe(2)
})

test('nothing is mailed for an invitation that was taken back or whose organization is paused', async () => {
  const [gone, asleep] = [anAddress(), anAddress()]
  const revoked = await invite(gone)
  const params = { invitationId: revoked.invitationId }
  await api.call(contract.revokeInvitation, { params }, admin)
  await mailInvitationJob.run(api.ctx, revoked)

  const other = await api.aHolderOf('admin')
  const paused = await invite(asleep, other)
  await pauseOrganization(api.ctx, paused.organizationId, 'unpaid')
  await mailInvitationJob.run(api.ctx, paused)
  expect([...mailsTo(gone), ...mailsTo(asleep)]).toEqual([])
})

test('a mail server that is away is asked again later, and gets the mail when it is back', async () => {
  const email = anAddress()
  const issued = await invite(email)
  faults.add({
    vendor: 'mail',
    on: 'request',
    path: email,
    times: 1,
    action: { type: 'status', status: 451 },
  })
  await mailInvitationJob.run(api.ctx, issued)
  expect(mailsTo(email)).toEqual([])
  expect(await sentAt(issued)).toBeNull()
  expect(api.sent.at(-1)).toEqual({ name: 'invitations.mail-invitation', data: issued })
  await mailInvitationJob.run(api.ctx, issued)
  expect(mailsTo(email)).toHaveLength(1)
})

test('an address that does not exist is not asked again', async () => {
  const issued = await invite(`nobody@bounce.${randomUUID()}.test`)
  expect(await mailInvitation(api.ctx, issued)).toEqual({ retryInSeconds: null })
  expect(await shown(issued)).toMatchObject({ sentAt: null, undeliverableAt: expect.any(Date) })
  const params = { invitationId: issued.invitationId }
  await api.call(contract.resendInvitation, { params }, admin)
  expect(await shown(issued)).toMatchObject({ sentAt: null, undeliverableAt: null })
})

test('tries thin out and end after a day', () => {
  const issuedAt = new Date('2026-03-01T00:00:00Z')
  const expiresAt = new Date('2026-03-04T00:00:00Z')
  const after = (seconds: number) =>
    secondsToRetry(expiresAt, new Date(issuedAt.getTime() + seconds * 1000))
  expect([-5, 0, 60, 200, 3_600, 20 * 3_600].map(after)).toEqual([30, 30, 30, 100, 1_800, 1_800])
  expect(after(24 * 3_600)).toBeNull()
  let [age, tries] = [0, 0]
  for (let wait = after(0); wait !== null; wait = after(age), tries++) age += wait
  expect(tries).toBeLessThan(80)
})

test('a link mailed after the signing key changed works all the same', async () => {
  const email = anAddress()
  const issued = await invite(email)
  const rotated = { ...api.ctx, signer: createSigner('another') }
  await mailInvitation(rotated, issued)
  const token = linkIn(mailsTo(email)[0]?.text ?? '')
  const known = await api.call(contract.previewInvitation, { body: { token } })
  expect(known.statusCode).toBe(200)
  // Our own key cannot make that link again, so none is shown rather than a dead one.
  const params = { invitationId: issued.invitationId }
  const link = await api.call(contract.getInvitationLink, { params }, admin)
  expect(link.json()).toMatchObject({ code: 'invitations.link_replaced' })
  await expect(
    mailInvitation(forOrganization(api.ctx, randomUUID()), {
      ...issued,
      organizationId: randomUUID(),
    }),
  ).resolves.toEqual({ retryInSeconds: null })
})

test('what people and organizations are called is text in the mail, whatever they are called', () => {
  const letter = invitationLetter({
    invitedBy: '<img src=x onerror=alert(1)>\r\nBcc: all@example.com',
    organizationName: `A&B "Sons" <a href="https://evil.test">pay</a>\u202e`,
    role: 'admin',
    timeZone: 'Europe/Berlin',
    expiresAt: new Date('2026-03-04T12:00:00Z'),
    url: 'https://voxcalls.test/invite#token',
  })
  expect(letter.subject).not.toMatch(/[\r\n\u202e]/)
  expect(letter.html).toContain('&lt;img src=x onerror=alert(1)&gt; Bcc: all@example.com')
  expect(letter.html.match(/<(img|a)\b/g)).toEqual(['<a'])
  expect(letter.text).toContain('4 March 2026 at 13:00 (Europe/Berlin)')
})

test('a mail leaves with its invitation or not at all, and its job holds ids and nothing else', async () => {
  const log = api.deps.log
  const queue = await createQueue({
    url: api.database.urls.app,
    subscriptions: subscriptions.filter(({ event }) => event === invitationIssued.name),
    log,
  })
  try {
    const organizationId = admin.organizationId ?? ''
    const actor: Actor = {
      kind: 'user',
      userId: admin.userId,
      email: '',
      platformRole: null,
      membership: { organizationId, role: 'admin' },
    }
    const ctx = { ...forOrganization(api.ctx, organizationId), queue, actor }
    const waiting = async () =>
      await api.database.query<{ data: unknown; later: boolean }>(
        'admin',
        `select data, start_after > now() + interval '20 seconds' as later from jobs.job where name = $1 order by created_on`,
        [mailInvitationJob.name],
      )
    const email = anAddress()
    const { id: invitationId } = await createInvitation(ctx, { email, role: 'sales_person' })
    const issued = { organizationId, invitationId, sends: 1 }
    expect(await waiting()).toEqual([{ data: issued, later: false }])

    await expect(createInvitation(ctx, { email, role: 'admin' })).rejects.toMatchObject({
      code: 'invitations.already_invited',
    })
    expect(await waiting()).toHaveLength(1)

    faults.add({
      vendor: 'mail',
      on: 'request',
      path: email,
      times: 1,
      action: { type: 'status', status: 451 },
    })
    await mailInvitationJob.run(ctx, issued)
    expect(await waiting()).toEqual([
      { data: issued, later: false },
      { data: issued, later: true },
    ])
  } finally {
    await queue.close()
  }
})
