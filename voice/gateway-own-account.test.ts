import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { aCallSid, type CallCentre } from '#api/domains/calls/testing.ts'
import { connectCarrierAccount } from '#api/domains/carrier-accounts/service.ts'
import { sign } from '../sandbox/twilio/signature.ts'
import { Carriers } from './carriers.ts'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  GREETING,
  OWN_ACCOUNT,
  QUESTION,
  RawSocket,
  startFrame,
  streamParameters,
  voiceParams,
} from './gateway-testing.ts'

const PATIENCE = { timeout: 10_000 }
let bench: GatewayBench
let centre: CallCentre
let accountId: string
beforeAll(async () => {
  bench = await aGateway()
  const made = await bench.aCentre()
  const ctx = forOrganization(bench.api.ctx, made.organizationId)
  const { accountSid, authToken } = OWN_ACCOUNT
  const account = { twilioAccountSid: accountSid, authToken, label: '' }
  accountId = (await connectCarrierAccount(ctx, account)).id
  const number = OWN_ACCOUNT.numbers[0]?.phoneNumber ?? ''
  await bench.api.database.query(
    'admin',
    `update phone_numbers set e164 = $2, twilio_account_sid = $3, carrier_account_id = $4 where id = $1`,
    [made.phoneNumberId, number, accountSid, accountId],
  )
  const carrier = bench.api.ctx.vendors.twilioOf(OWN_ACCOUNT)
  await carrier.pointNumber((await carrier.findNumber(number))?.sid ?? '', {
    voiceUrl: `${bench.voiceUrl}/twilio/voice`,
    voiceFallbackUrl: `${bench.voiceUrl}/twilio/fallback`,
    statusCallback: `${bench.voiceUrl}/twilio/status`,
  })
  centre = { ...made, number, twilioAccountSid: accountSid }
})
afterAll(() => bench?.close())

const ownParams = (callSid: string) => ({
  ...voiceParams(centre, callSid),
  AccountSid: OWN_ACCOUNT.accountSid,
})
const signedBy = (authToken: string, path: string, params: Record<string, string>) =>
  sign(authToken, `${bench.voiceUrl}${path}`, params)
const mediaUrl = () => `${bench.voiceUrl.replace('http', 'ws')}/twilio/own-media`

test('a call in a tenant’s own account is signed, limited and settled with its token', async () => {
  const call = await bench.dial(
    [{ hear: GREETING }, { say: QUESTION }, { hear: ANSWER }, { hangUp: true }],
    { to: centre.number },
  )
  expect(await call.script).toBe('finished')
  const stateOf = async () =>
    (
      await bench.rows<{ state: string; cost_cents: number }>(
        'select state, cost_cents from calls where twilio_call_sid = $1',
        [call.leg.callSid],
      )
    )[0]
  await expect.poll(async () => (await stateOf())?.state, PATIENCE).toBe('settled')
  expect((await stateOf())?.cost_cents).toBeGreaterThan(0)
  const rest = bench.journal.entries({ vendor: 'twilio', path: call.leg.callSid })
  expect(rest.length).toBeGreaterThan(0)
  for (const { path } of rest) expect(path).toContain(OWN_ACCOUNT.accountSid)
})

test('the platform’s token signs nothing of a tenant’s account, and a tenant’s nothing of others', async () => {
  const own = ownParams(aCallSid())
  const platformToken = bench.api.ctx.vendors.twilio.credentials().authToken
  const forged = await bench.post(
    '/twilio/voice',
    own,
    signedBy(platformToken, '/twilio/voice', own),
  )
  expect(forged.status).toBe(403)

  const platforms = voiceParams(bench.centre, aCallSid())
  const foreign = signedBy(OWN_ACCOUNT.authToken, '/twilio/voice', platforms)
  expect((await bench.post('/twilio/voice', platforms, foreign)).status).toBe(403)

  // Genuine in itself, for a number that the account does not own.
  const others = { ...own, CallSid: aCallSid(), To: bench.centre.number }
  const genuine = signedBy(OWN_ACCOUNT.authToken, '/twilio/voice', others)
  const answer = await bench.post('/twilio/voice', others, genuine)
  expect(answer.body).toContain('This number is not in service.')

  const unknown = { ...own, AccountSid: `AC${'9'.repeat(32)}` }
  const nobodys = signedBy(OWN_ACCOUNT.authToken, '/twilio/voice', unknown)
  expect((await bench.post('/twilio/voice', unknown, nobodys)).status).toBe(403)
})

test('media of a tenant’s account comes in by its own signature only', async () => {
  const params = ownParams(aCallSid())
  const { body } = await bench.post(
    '/twilio/voice',
    params,
    signedBy(OWN_ACCOUNT.authToken, '/twilio/voice', params),
  )
  expect(body).toContain('/twilio/own-media"')
  const { organizationId = '', callId = '', token = '' } = streamParameters(body)
  const start = startFrame({ callSid: params.CallSid, organizationId, callId, token })
  const ownStart = { ...start, start: { ...start.start, accountSid: OWN_ACCOUNT.accountSid } }
  await expect(RawSocket.open(mediaUrl())).rejects.toThrow('403')

  const platformToken = bench.api.ctx.vendors.twilio.credentials().authToken
  const forged = await RawSocket.open(mediaUrl(), {
    'x-twilio-signature': sign(platformToken, mediaUrl()),
  })
  forged.send(ownStart)
  expect((await forged.closed).code).toBe(4401)

  const genuine = await RawSocket.open(mediaUrl(), {
    'x-twilio-signature': sign(OWN_ACCOUNT.authToken, mediaUrl()),
  })
  genuine.send(ownStart)
  await genuine.until((message) => message.event === 'media')
  genuine.socket.close()
})

test('whoever knows the id of another tenant’s call gets nothing for it by a signature of its own', async () => {
  const victim = await bench.aCentre()
  const params = voiceParams(victim, aCallSid())
  const { body } = await bench.post('/twilio/voice', params)
  const { organizationId = '', callId = '', token = '' } = streamParameters(body)
  expect(token).not.toBe('')

  const stolen = { ...params, AccountSid: OWN_ACCOUNT.accountSid }
  for (const path of ['/twilio/voice', '/twilio/resume', '/twilio/fallback']) {
    const signature = signedBy(OWN_ACCOUNT.authToken, path, stolen)
    const answer = await bench.post(path, stolen, signature)
    expect(answer.status).toBe(200)
    expect(answer.body, path).not.toContain(callId)
  }

  const start = startFrame({ callSid: params.CallSid, organizationId, callId, token })
  const socket = await RawSocket.open(mediaUrl(), {
    'x-twilio-signature': sign(OWN_ACCOUNT.authToken, mediaUrl()),
  })
  socket.send({ ...start, start: { ...start.start, accountSid: OWN_ACCOUNT.accountSid } })
  expect((await socket.closed).code).toBe(4401)
  const [call] = await bench.api.database.query('admin', 'select state from calls where id = $1', [
    callId,
  ])
  expect(call).toEqual({ state: 'authorized' })
})

test('however many accounts are named that nobody has, a token that is known stays known', async () => {
  const ctx = forOrganization(bench.api.ctx, centre.organizationId)
  let isAway = false
  const withPlatform: typeof ctx.database.withPlatform = (work) =>
    isAway ? Promise.reject(new Error('away')) : ctx.database.withPlatform(work)
  const carriers = new Carriers(
    { ...ctx, database: { ...ctx.database, withPlatform } },
    { nowMs: () => (isAway ? 60_000 : 0) },
  )
  expect(await carriers.find(OWN_ACCOUNT.accountSid)).not.toBeNull()
  const nobodys = Array.from({ length: 1_100 }, (_, i) => `AC${i.toString(16).padStart(32, '0')}f`)
  const found = await Promise.all(nobodys.map((sid) => carriers.find(sid)))
  expect(found.filter((carrier) => carrier !== null)).toEqual([])
  isAway = true
  expect((await carriers.find(OWN_ACCOUNT.accountSid))?.accountSid).toBe(OWN_ACCOUNT.accountSid)
})

test('a token is read anew after half a minute; while the database is away the last known counts', async () => {
  const ctx = forOrganization(bench.api.ctx, centre.organizationId)
  let nowMs = 0
  let isAway = false
  const withPlatform: typeof ctx.database.withPlatform = (work) =>
    isAway ? Promise.reject(new Error('away')) : ctx.database.withPlatform(work)
  const database = { ...ctx.database, withPlatform }
  const carriers = new Carriers({ ...ctx, database }, { nowMs: () => nowMs })
  const tokenOf = async () =>
    (await carriers.find(OWN_ACCOUNT.accountSid))?.credentials().authToken ?? null
  isAway = true
  await expect(tokenOf()).rejects.toThrow('away')
  isAway = false
  expect(await tokenOf()).toBe(OWN_ACCOUNT.authToken)
  await bench.api.database.query(
    'admin',
    'update carrier_accounts set disconnected_at = now(), auth_token = null where id = $1',
    [accountId],
  )
  expect(await tokenOf()).toBe(OWN_ACCOUNT.authToken)
  nowMs += 31_000
  isAway = true
  expect(await tokenOf()).toBe(OWN_ACCOUNT.authToken)
  isAway = false
  expect(await tokenOf()).toBeNull()
})
