import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type MailStandIn, startMail } from '../../../sandbox/mail/start.ts'
import { alertKinds, alertLetter } from './alerts.ts'
import { mailAlertJob, tellAdminsOfLowJob } from './jobs.ts'
import { adjustWallet, getWallet, holdSlice, settleHold } from './service.ts'
import { aPaymentRig, type PaymentRig } from './top-ups/testing.ts'

let rig: PaymentRig
let mail: MailStandIn
const faults = new Faults()
beforeAll(async () => {
  mail = await startMail({ port: 0, journal: new Journal(), faults })
  rig = await aPaymentRig({ SMTP_URL: mail.url })
})
afterEach(() => faults.clear())
afterAll(async () => {
  await rig.close()
  await mail.close()
})

const email = () => `${randomUUID()}@voxcalls.test`
/** An organization with money, two admins and somebody who is none. */
async function aTeam(balanceCents = 1_000) {
  const organizationId = await rig.api.database.anOrganization({ balanceCents })
  const admins = [email(), email()]
  const people = [
    ...admins.map((address) => ({ email: address, role: 'admin' as const })),
    { email: email(), role: 'sales_person' as const },
  ]
  for (const person of people) await rig.api.aPerson({ organizationId, ...person })
  return { organizationId, admins, other: people[2]?.email ?? '' }
}
const spend = async (organizationId: string, seconds: number) => {
  const ctx = rig.at(organizationId)
  const callId = randomUUID()
  const price = { pricePerHourCents: 3_600, priceId: null }
  await holdSlice(ctx, { callId, ...price, slice: 1, totalSeconds: seconds, minimumSeconds: 1 })
  await settleHold(ctx, { callId, billableSeconds: seconds })
}
const subjects = (address: string) => mail.inbox.list(address).map(({ subject }) => subject)

test('every admin gets one mail at 80 percent used and one at 95, and again after the next credit', async () => {
  const { organizationId, admins, other } = await aTeam()
  await spend(organizationId, 799)
  await rig.work()
  expect(subjects(admins[0] ?? '')).toEqual([])
  await spend(organizationId, 1)
  await spend(organizationId, 1)
  await rig.work()
  const low = 'Your VoxCalls balance is running low'
  const almost = 'Your VoxCalls balance is almost used up'
  for (const admin of admins) expect(subjects(admin)).toEqual([low])
  await spend(organizationId, 150)
  await rig.work()
  for (const admin of admins) expect(subjects(admin)).toEqual([almost, low])
  expect(subjects(other)).toEqual([])

  const body = { requestId: randomUUID(), amountCents: 1_000, note: 'A credit' }
  await adjustWallet(rig.at(null), organizationId, body)
  await spend(organizationId, 850)
  await rig.work()
  for (const admin of admins) expect(subjects(admin)).toEqual([low, almost, low])
})

test('the addresses of the settings get the mail too, an admin among them only once, one taken out none', async () => {
  const { organizationId, admins } = await aTeam()
  const [bookkeeper, former] = [email(), email()]
  const set = (emails: string[]) =>
    rig.api.database.query(
      'app',
      'update organizations set notification_emails = $2 where id = $1',
      [organizationId, emails],
      organizationId,
    )
  await set([bookkeeper, former, (admins[0] ?? '').toUpperCase()])
  const from = rig.api.sent.length
  await tellAdminsOfLowJob.run(
    rig.at(null),
    tellAdminsOfLowJob.data.parse({ organizationId, usedPercent: 80 }),
  )
  const queued = rig.api.sent.slice(from)
  expect(queued).toHaveLength(4)
  expect(JSON.stringify(queued)).not.toContain('@')
  await set([bookkeeper])
  await rig.work()
  expect(subjects(bookkeeper)).toEqual(['Your VoxCalls balance is running low'])
  expect(mail.inbox.list(bookkeeper)[0]?.text).toContain('stands in the settings')
  expect(subjects(former)).toEqual([])
  for (const admin of admins) expect(subjects(admin)).toHaveLength(1)
})

test('however often the jobs of one crossing run, their mails are the same mail', async () => {
  const { organizationId, admins } = await aTeam()
  // As the queue does: parsed when it is sent, and again each time it runs.
  const { data: schema } = tellAdminsOfLowJob
  const kept = schema.parse({ organizationId, usedPercent: 80 })
  const sent = rig.api.sent.length
  for (let n = 0; n < 2; n++) await tellAdminsOfLowJob.run(rig.at(null), schema.parse(kept))
  const jobs = rig.api.sent.slice(sent).map((one) => mailAlertJob.data.parse(one.data))
  expect(jobs.map((one) => mailAlertJob.key(one))).toEqual(
    [0, 1, 0, 1].map((n) => mailAlertJob.key(jobs[n]!)),
  )
  await rig.work()
  const ids = mail.inbox.list(admins[0]).map(({ headers }) => headers['message-id'])
  expect(new Set(ids).size).toBe(1)
})

test('a mail server that is away is asked again for a day, one that says no is not', async () => {
  const { organizationId, admins } = await aTeam()
  const [admin] = await rig.api.database.query<{ id: string }>(
    'app',
    'select user_id as id from memberships where email = $1',
    [admins[0]],
    organizationId,
  )
  const since = Date.now()
  const alert = {
    organizationId,
    userId: admin?.id ?? '',
    alertId: randomUUID(),
    kind: 'used_80' as const,
    since,
  }
  const run = async (laterMs: number, status: number) => {
    faults.add({ vendor: 'mail', on: 'request', action: { type: 'status', status } })
    const sent = rig.api.sent.length
    await mailAlertJob.run(rig.at(null, laterMs), alert)
    faults.clear()
    const again = rig.api.sent.slice(sent)
    rig.lose()
    return again
  }
  expect(await run(0, 451)).toEqual([{ name: mailAlertJob.name, data: alert }])
  expect(await run(23 * 3_600_000, 451)).toHaveLength(1)
  expect(await run(25 * 3_600_000, 451)).toEqual([])
  expect(await run(0, 550)).toEqual([])
  expect(subjects(admins[0] ?? '')).toEqual([])
  await mailAlertJob.run(rig.at(null), alert)
  expect(subjects(admins[0] ?? '')).toHaveLength(1)
})

test('somebody who is no admin any more gets no mail', async () => {
  const { organizationId, other } = await aTeam()
  const [person] = await rig.api.database.query<{ id: string }>(
    'app',
    'select user_id as id from memberships where email = $1',
    [other],
    organizationId,
  )
  const userId = person?.id ?? ''
  const alert = { organizationId, userId, alertId: randomUUID(), kind: 'dispute' as const }
  await mailAlertJob.run(rig.at(null), { ...alert, since: Date.now() })
  expect(subjects(other)).toEqual([])
})

test('every alert says what happened and where to act, without an amount', () => {
  for (const kind of alertKinds) {
    const { subject, text } = alertLetter(kind, 'https://console.test/wallet')
    expect(subject.length).toBeGreaterThan(10)
    expect(text).toContain('https://console.test/wallet')
    expect(text).not.toMatch(/\$|\bcents\b/)
  }
})

test('the wallet says how long the money lasts at what runs now', async () => {
  const organizationId = await rig.api.database.anOrganization({ balanceCents: 10_000 })
  const ctx = rig.at(organizationId)
  // Nothing runs: as if one call did, at the price of 2,500 cents an hour.
  expect(await getWallet(ctx)).toMatchObject({ burnCentsPerHour: 2_500, minutesLeft: 240 })
  const calls = [randomUUID(), randomUUID()]
  for (const callId of calls)
    await holdSlice(ctx, {
      callId,
      pricePerHourCents: 3_600,
      priceId: null,
      slice: 1,
      totalSeconds: 50,
      minimumSeconds: 1,
    })
  expect(await getWallet(ctx)).toMatchObject({
    availableCents: 9_900,
    burnCentsPerHour: 7_200,
    minutesLeft: 82,
  })
  for (const callId of calls) await settleHold(ctx, { callId, billableSeconds: 50 })
  expect(await getWallet(ctx)).toMatchObject({ burnCentsPerHour: 2_500 })
})
