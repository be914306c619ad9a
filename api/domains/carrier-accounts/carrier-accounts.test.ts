import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../../sandbox/twilio/start.ts'
import * as contract from './contract.ts'
import * as queries from './queries.ts'
import { carrierOf, findCarrierBySid, noteRefusal } from './service.ts'

const platform = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-token' }
const accounts = Array.from({ length: 14 }, (_, n) => ({
  accountSid: `AC${(n + 1).toString(16).repeat(32)}`,
  authToken: `token-of-account-${n + 1}`,
}))
const faults = new Faults()
const journal = new Journal()
let twilio: TwilioStandIn
let api: TestApi
let next = 0
beforeAll(async () => {
  const book = new PhraseBook(formantEngine())
  const others = { otherAccounts: accounts }
  twilio = await startTwilio({ port: 0, ...platform, ...others, book, journal, faults })
  api = await testApi({ TWILIO_BASE_URL: twilio.url })
})
afterAll(async () => {
  await api.close()
  await twilio.close()
})

const anAccount = () => {
  const account = accounts[next++]
  if (!account) throw new Error('no account left')
  return account
}
const connect = (
  admin: Person,
  { accountSid, authToken }: { accountSid: string; authToken: string },
) =>
  api.call(
    contract.connectCarrierAccount,
    { body: { twilioAccountSid: accountSid, authToken, label: 'Ours' } },
    admin,
  )
async function connected() {
  const admin = await api.aHolderOf('admin')
  const account = anAccount()
  const response = await connect(admin, account)
  expect(response.statusCode).toBe(201)
  const { id } = contract.carrierAccount.parse(response.json())
  return { admin, account, id, ctx: forOrganization(api.ctx, admin.organizationId ?? '') }
}
const stored = (id: string) =>
  api.database.query<{ auth_token: string | null }>(
    'admin',
    'select auth_token from carrier_accounts where id = $1',
    [id],
  )

test('an account is connected once Twilio took its token, of which four characters are shown', async () => {
  const { admin, account, id, ctx } = await connected()
  const response = await api.call(contract.listCarrierAccounts, { query: {} }, admin)
  expect(response.json()).toMatchObject({
    items: [
      { id, authTokenLastFour: account.authToken.slice(-4), state: 'verified', phoneNumbers: 0 },
    ],
  })
  expect(response.body).not.toContain(account.authToken)
  const [row] = await stored(id)
  expect(row?.auth_token).toMatch(/^v1\./)
  expect((await carrierOf(ctx, id)).credentials()).toEqual(account)
  expect(JSON.stringify(api.logged())).not.toContain(account.authToken)
})

test('a wrong token, or a good one of another account, is refused and nothing is kept', async () => {
  const admin = await api.aHolderOf('admin')
  const account = anAccount()
  const wrong = await connect(admin, { ...account, authToken: 'not-the-token-at-all' })
  expect(wrong.statusCode).toBe(422)
  expect(wrong.json()).toMatchObject({ code: 'carrier-accounts.refused' })
  const other = await connect(admin, { ...account, authToken: platform.authToken })
  expect(other.json()).toMatchObject({ code: 'carrier-accounts.refused' })
  const listed = await api.call(contract.listCarrierAccounts, { query: {} }, admin)
  expect(listed.json()).toMatchObject({ items: [] })
})

test('while Twilio cannot be asked, nothing is connected and trying again is asked for', async () => {
  const admin = await api.aHolderOf('admin')
  const account = anAccount()
  faults.add({
    vendor: 'twilio',
    on: 'request',
    path: `/Accounts/${account.accountSid}.json`,
    times: 10,
    action: { type: 'status', status: 500 },
  })
  const response = await connect(admin, account)
  expect(response.statusCode).toBe(503)
  expect(response.json()).toMatchObject({ code: 'vendor.unavailable' })
  faults.clear()
})

test('an account has one owner, also when two ask at once; the platform’s is nobody’s', async () => {
  const [a, b] = [await api.aHolderOf('admin'), await api.aHolderOf('admin')]
  const account = anAccount()
  const answers = await Promise.all([connect(a, account), connect(b, account)])
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409])
  expect((await connect(a, platform)).json()).toMatchObject({ code: 'carrier-accounts.taken' })
})

test('a new token replaces the old one and heals an account that was refused', async () => {
  const { admin, account, id, ctx } = await connected()
  const refusal = await failureOf(() => wrongClient(account.accountSid).fetchAccount())
  const stateNow = async () => {
    const list = await api.call(contract.listCarrierAccounts, { query: {} }, admin)
    return contract.listCarrierAccounts.response.parse(list.json()).items.map(({ state }) => state)
  }
  // Of a token that was replaced meanwhile.
  await noteRefusal(ctx, id, wrongClient(account.accountSid), refusal)
  expect(await stateNow()).toEqual(['verified'])
  await noteRefusal(ctx, id, await carrierOf(ctx, id), refusal)
  const rotate = (authToken: string) =>
    api.call(
      contract.rotateCarrierToken,
      { params: { carrierAccountId: id }, body: { authToken } },
      admin,
    )
  const [before] = await stored(id)
  expect((await rotate('still-not-the-token')).statusCode).toBe(422)
  expect(await stateNow()).toEqual(['refused'])
  expect((await rotate(account.authToken)).json()).toMatchObject({ state: 'verified' })
  expect((await stored(id))[0]?.auth_token).not.toBe(before?.auth_token)
})

test('a disconnected account is forgotten with its token, and may be connected again', async () => {
  const { admin, account, id, ctx } = await connected()
  const params = { carrierAccountId: id }
  expect((await api.call(contract.disconnectCarrierAccount, { params }, admin)).statusCode).toBe(
    204,
  )
  expect(await stored(id)).toEqual([{ auth_token: null }])
  expect(await findCarrierBySid(api.ctx, account.accountSid)).toBeNull()
  await expect(carrierOf(ctx, id)).rejects.toMatchObject({ status: 404 })
  expect((await api.call(contract.disconnectCarrierAccount, { params }, admin)).statusCode).toBe(
    404,
  )
  expect((await connect(admin, account)).statusCode).toBe(201)
})

test('an account whose numbers are in service is not disconnected', async () => {
  const { admin, account, id, ctx } = await connected()
  await api.database.query(
    'admin',
    `insert into phone_numbers (organization_id, id, e164, twilio_account_sid, carrier_account_id)
     values ($1, gen_random_uuid(), '+15005550077', $2, $3)`,
    [ctx.organizationId, account.accountSid, id],
  )
  const params = { carrierAccountId: id }
  const response = await api.call(contract.disconnectCarrierAccount, { params }, admin)
  expect(response.json()).toMatchObject({ status: 409, code: 'carrier-accounts.in_use' })
  expect((await stored(id))[0]?.auth_token).toMatch(/^v1\./)
})

test('an account in which a call runs is not disconnected before the call is over', async () => {
  const { admin, account, id, ctx } = await connected()
  const callId = randomUUID()
  await api.database.query(
    'admin',
    `insert into calls (organization_id, id, kind, direction, from_number, to_number, twilio_account_sid, created_at)
     values ($1, $2, 'agent', 'outbound', '+15005550006', '+15005550009', $3, now())`,
    [ctx.organizationId, callId, account.accountSid],
  )
  const params = { carrierAccountId: id }
  const disconnect = () => api.call(contract.disconnectCarrierAccount, { params }, admin)
  expect((await disconnect()).json()).toMatchObject({ code: 'carrier-accounts.calls_run' })
  const end = (set: string) =>
    api.database.query('admin', `update calls set ${set} where id = $1`, [callId])
  await end("state = 'refused', reason = 'test.over', billing_status = 'blocked', cost_cents = 0")
  await end("state = 'settled', billable_seconds = 0")
  expect((await disconnect()).statusCode).toBe(204)
})

test('of accounts connected at once no more are taken than an organization may have', async () => {
  const { ctx } = await connected()
  const settled = await Promise.allSettled(
    Array.from({ length: 25 }, () =>
      inTransaction(ctx, async (tx) => {
        if ((await queries.countForAddition(tx.db, ctx.organizationId ?? '')) >= 20) return
        await queries.insertAccount(tx.db, {
          organizationId: ctx.organizationId ?? '',
          id: randomUUID(),
          twilioAccountSid: `AC${randomBytes(16).toString('hex')}`,
          authToken: 'v1.sealed',
          authTokenLastFour: 'last',
          verifiedAt: new Date(),
        })
      }),
    ),
  )
  expect(settled.filter(({ status }) => status === 'rejected')).toEqual([])
  const mine = await inTransaction(ctx, (tx) =>
    queries.countForAddition(tx.db, ctx.organizationId ?? ''),
  )
  expect(mine).toBe(20)
})

test('Twilio’s account names its owner; another organization finds nothing under its id', async () => {
  const { account, id, ctx } = await connected()
  expect((await findCarrierBySid(api.ctx, account.accountSid))?.credentials()).toEqual(account)
  expect(await findCarrierBySid(api.ctx, platform.accountSid)).toBe(api.ctx.vendors.twilio)
  const stranger = forOrganization(api.ctx, (await api.aHolderOf('admin')).organizationId ?? '')
  await expect(carrierOf(stranger, id)).rejects.toMatchObject({ code: 'request.not_found' })
  const unknown = `AC${randomBytes(16).toString('hex')}`
  expect(await findCarrierBySid(api.ctx, unknown)).toBeNull()
  expect(ctx.organizationId).not.toBe(stranger.organizationId)
})

const wrongClient = (accountSid: string) =>
  api.ctx.vendors.twilioOf({ accountSid, authToken: 'wrong-wrong-wrong' })
const failureOf = (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => null,
    (error: unknown) => error,
  )
