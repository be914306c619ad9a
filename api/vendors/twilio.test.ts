import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { VendorError } from '#api/core/errors.ts'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../sandbox/speech/book.ts'
import { formantEngine } from '../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../sandbox/twilio/start.ts'
import { codeOf } from './failure.ts'
import { twilioClient } from './twilio.ts'

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-auth-token' }
const journal = new Journal()
const faults = new Faults()
const webhooks = {
  voiceUrl: 'http://127.0.0.1:9/twilio/voice',
  voiceFallbackUrl: 'http://127.0.0.1:9/twilio/fallback',
  statusCallback: 'http://127.0.0.1:9/twilio/status',
}
const NUMBER = '+14155550115'
let standIn: TwilioStandIn
let client: ReturnType<typeof twilioClient>

beforeAll(async () => {
  const book = new PhraseBook(formantEngine())
  standIn = await startTwilio({ port: 0, ...account, book, journal, faults })
  client = twilioClient({ ...account, baseUrl: standIn.url })
})
afterEach(() => {
  faults.clear()
  journal.clear()
})
afterAll(() => standIn.close())

const posts = () =>
  journal.entries({ vendor: 'twilio', kind: 'request' }).filter((e) => e.method === 'POST')

/** A call whose TwiML keeps it up, answered by a server of the test's own. A pause alone would not answer it. */
async function aLiveCall() {
  const twiml = '<Response><Say>Hello</Say><Pause length="60"/></Response>'
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end(twiml)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  const url = `http://127.0.0.1:${address.port}/`
  const to = '+14155550110'
  const held = (await client.findNumber(to)) ?? (await client.buyNumber(to, webhooks))
  await client.pointNumber(held.sid, { ...webhooks, voiceUrl: url, statusCallback: '' })
  const leg = await standIn.dial({ from: '+15005550001', to })
  const answered = Promise.withResolvers<void>()
  leg.onEvent((event) => event.kind === 'answered' && answered.resolve())
  if (leg.status !== 'in-progress') await answered.promise
  return { leg, close: () => server.close() }
}

test('numbers to buy are searched for, and bought ones are not among them', async () => {
  const found = await client.searchNumbers({ country: 'US', limit: 3 })
  expect(found.length).toBe(3)
  const [first] = found
  expect(first).toMatchObject({ country: 'US', locality: 'San Francisco', region: 'CA' })
  expect(first?.capabilities).toEqual({ voice: true, sms: true, mms: true })
  await client.buyNumber(first?.e164 ?? '', webhooks)
  expect(await client.searchNumbers({ country: 'US', limit: 3 })).not.toContainEqual(first)
})

test('a number is bought once and pointed at our gateway', async () => {
  expect(await client.findNumber(NUMBER)).toBeNull()
  const bought = await client.buyNumber(NUMBER, webhooks)
  expect(bought).toEqual({
    sid: expect.stringMatching(/^PN/),
    e164: NUMBER,
    friendlyName: '(415) 555-0115',
    capabilities: { voice: true, sms: true, mms: true },
    voiceApplicationSid: '',
    trunkSid: '',
    ...webhooks,
  })
  expect(await client.findNumber(NUMBER)).toEqual(bought)
  const moved = { ...webhooks, voiceUrl: 'http://127.0.0.1:9/elsewhere' }
  expect((await client.pointNumber(bought.sid, moved)).voiceUrl).toBe(moved.voiceUrl)
})

test('buying is not repeated when Twilio fails, and the failure may pass', async () => {
  faults.add({
    vendor: 'twilio',
    on: 'request',
    method: 'POST',
    path: 'IncomingPhoneNumbers',
    times: 5,
    action: { type: 'status', status: 500 },
  })
  const failed = client.buyNumber('+14155550107', webhooks)
  await expect(failed).rejects.toMatchObject({ vendor: 'twilio', status: 500, retryable: true })
  expect(posts().length).toBe(1)
})

test('a time limit set on a live call ends it', async () => {
  const { leg, close } = await aLiveCall()
  const ended = Promise.withResolvers<void>()
  leg.onEvent((event) => event.kind === 'ended' && ended.resolve())
  expect(await client.fetchCall(leg.callSid)).toMatchObject({
    status: 'in-progress',
    durationSeconds: null,
  })
  await client.setTimeLimit(leg.callSid, 1)
  await ended.promise
  const over = await client.fetchCall(leg.callSid)
  expect(over).toMatchObject({
    status: 'completed',
    startedAt: expect.any(Date),
    endedAt: expect.any(Date),
  })
  expect(over?.durationSeconds).toBeLessThanOrEqual(2)
  close()
})

test('ending a call twice is ending it', async () => {
  const { leg, close } = await aLiveCall()
  await client.endCall(leg.callSid)
  await client.endCall(leg.callSid)
  await client.setTimeLimit(leg.callSid, 60)
  expect((await client.fetchCall(leg.callSid))?.status).toBe('completed')
  close()
})

test('a call nobody knows is null, and ending it is no failure', async () => {
  const unknown = `CA${'f'.repeat(32)}`
  expect(await client.fetchCall(unknown)).toBeNull()
  await client.endCall(unknown)
})

test('a wrong token is refused with Twilio’s own code and without its text', async () => {
  const wrong = twilioClient({ ...account, authToken: 'wrong', baseUrl: standIn.url })
  const failure: unknown = await wrong.findNumber(NUMBER).then(
    () => null,
    (error: unknown) => error,
  )
  if (!(failure instanceof VendorError)) throw new Error('it was not refused')
  expect(failure).toMatchObject({
    status: 401,
    retryable: false,
    message: 'twilio find-number failed with 401',
  })
  expect(codeOf(failure)).toBe('20003')
})

test('a read is tried again when the connection breaks', async () => {
  faults.add({
    vendor: 'twilio',
    on: 'request',
    path: 'IncomingPhoneNumbers',
    action: { type: 'drop' },
  })
  expect((await client.findNumber(NUMBER))?.e164).toBe(NUMBER)
})
