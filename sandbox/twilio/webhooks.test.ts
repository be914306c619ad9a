import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScriptedCaller } from './caller.ts'
import { fastClock } from './clock.ts'
import type { Leg } from './leg.ts'
import { sign } from './signature.ts'
import { AUTH_TOKEN, aRig, CALLER, OUR_NUMBER, type Rig, TinyProduct, twiml } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await aRig({ clock: fastClock(5) })
})
afterEach(() => rig.close())

const CLOSED = 'http://127.0.0.1:9/voice'

async function ended(leg: Leg): Promise<Leg> {
  await leg.until((e) => e.kind === 'ended', 60_000)
  return leg
}

async function call(voiceUrl: string, settings: object = {}, caller?: ScriptedCaller) {
  const number = { phoneNumber: '+13125550111', voiceUrl, ...settings }
  await rig.close()
  rig = await aRig({ clock: fastClock(5), numbers: [number] })
  const party = caller ? { party: caller } : {}
  return await ended(await rig.twilio.dial({ from: CALLER, to: number.phoneNumber, ...party }))
}

const errors = (leg: Leg) => leg.log.flatMap((e) => (e.kind === 'twiml-error' ? [e.code] : []))

test('a refused connection is tried once more; then the caller hears an application error', async () => {
  const { book } = rig
  const caller = new ScriptedCaller(book, [{ hear: 'application error' }])
  // The caller's own phrase book knows what the network says only once it was said there.
  await book.say('We are sorry. An application error has occurred. Goodbye.', 'en-us/40/150')
  const leg = await call(CLOSED, {}, caller)
  expect(await caller.done).toBe('finished')
  expect(leg.status).toBe('completed')
  expect(errors(leg)).toEqual([11205])
  const attempts = rig.journal.entries({ kind: 'webhook', path: CLOSED })
  expect(attempts).toHaveLength(2)
})

test('a fragment changes the number of attempts, and is neither sent nor signed', async () => {
  await call(`${CLOSED}#rc=3`)
  expect(rig.journal.entries({ kind: 'webhook' }).map((e) => e.path)).toEqual(
    Array.from({ length: 4 }, () => CLOSED),
  )
})

test('a failing voice URL is replaced by the fallback, which is told why', async () => {
  const spare = await new TinyProduct().start()
  spare.on('/fallback', twiml('<Hangup/>')).on('/voice', { status: 500, body: 'oops' })
  const leg = await call(`${spare.url}/voice`, { voiceFallbackUrl: `${spare.url}/fallback` })
  expect(errors(leg)).toEqual([11200])
  expect(spare.at('/voice')).toHaveLength(1)
  const [fallback] = spare.at('/fallback')
  expect(fallback?.params).toMatchObject({ ErrorCode: '11200', ErrorUrl: `${spare.url}/voice` })
  expect(fallback?.headers['x-twilio-signature']).toBe(
    sign(AUTH_TOKEN, `${spare.url}/fallback`, fallback?.params),
  )
  await spare.close()
})

test('a redirect to a server that was killed goes to the fallback of the number', async () => {
  const { product } = rig
  const spare = await new TinyProduct().start()
  spare.on('/fallback', twiml('<Hangup/>'))
  const first = await new TinyProduct().start()
  first.on('/voice', twiml(`<Redirect>${CLOSED}</Redirect>`))
  const leg = await call(`${first.url}/voice`, { voiceFallbackUrl: `${spare.url}/fallback` })
  expect(spare.at('/fallback')).toHaveLength(1)
  expect(errors(leg)).toEqual([11205])
  expect(product.hooks).toEqual([])
  await Promise.all([spare.close(), first.close()])
})

test.each([
  ['an answer that is no TwiML', { body: 'hello' }, 12100],
  ['an unknown verb', twiml('<Dance/>'), 12200],
  ['JSON', { type: 'application/json', body: '{}' }, 12300],
  ['an error status', { status: 404, body: twiml('') }, 11200],
  ['no answer in time', 'hang' as const, 11205],
])('%s ends the call with an application error', async (_, reply, code) => {
  const spare = await new TinyProduct().start()
  spare.on('/voice', reply)
  const leg = await call(`${spare.url}/voice#tt=300&rt=300`)
  expect(errors(leg)).toEqual([code])
  expect(leg.log.at(-1)).toMatchObject({ kind: 'ended', by: 'error' })
  await spare.close()
})

test('the two attempts of one delivery carry the same idempotency token', async () => {
  const { product, faults, twilio } = rig
  product.on('/voice', twiml('<Hangup/>'))
  faults.add({ vendor: 'twilio', on: 'webhook', path: '/voice', action: { type: 'duplicate' } })
  await ended(await twilio.dial({ from: CALLER, to: OUR_NUMBER }))
  const tokens = product.at('/voice').map((hook) => hook.headers['i-twilio-idempotency-token'])
  expect(tokens).toHaveLength(2)
  expect(new Set(tokens).size).toBe(1)
})

test('a webhook configured as GET carries its fields in the address, which is what is signed', async () => {
  const spare = await new TinyProduct().start()
  spare.on('/voice', twiml('<Hangup/>'))
  await call(`${spare.url}/voice?tenant=7`, { voiceMethod: 'GET' })
  const [hook] = spare.at('/voice')
  expect(hook?.method).toBe('GET')
  expect(hook?.params).toMatchObject({ tenant: '7', CallStatus: 'ringing' })
  expect(hook?.headers['x-twilio-signature']).toBe(sign(AUTH_TOKEN, spare.url + hook?.path))
  await spare.close()
})

test('a rejected call is never answered and tells the caller so', async () => {
  const { product, twilio } = rig
  product.on('/voice', twiml('<Reject reason="busy"/>'))
  const leg = await ended(await twilio.dial({ from: CALLER, to: OUR_NUMBER }))
  await leg.callbacks.settled()
  expect(leg.status).toBe('busy')
  expect(leg.isAnswered).toBe(false)
  expect(product.at('/status')[0]?.params).toMatchObject({ CallStatus: 'busy', CallDuration: '0' })
})

test('an empty response answers and hangs up', async () => {
  const { product, twilio } = rig
  product.on('/voice', twiml(''))
  const leg = await ended(await twilio.dial({ from: CALLER, to: OUR_NUMBER }))
  expect(leg.status).toBe('completed')
  expect(leg.isAnswered).toBe(true)
})

test('a caller who gives up while it rings cancels the call', async () => {
  const { product, twilio } = rig
  product.on('/voice', 'hang')
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  leg.hangUp()
  await leg.callbacks.settled()
  expect(leg.status).toBe('canceled')
  expect(product.at('/status')[0]?.params.CallStatus).toBe('canceled')
})

test('a first pause lets it ring longer', async () => {
  const { product, twilio } = rig
  product.on('/voice', twiml('<Pause length="1"/><Say>Hello.</Say>'))
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'verb', 10_000)
  expect(leg.status).toBe('ringing')
  await ended(leg)
  expect(leg.log.map((e) => e.kind)).toEqual(
    expect.arrayContaining(['ringing', 'verb', 'answered', 'ended']),
  )
})

test('keys are gathered up to the wanted number and sent to the action', async () => {
  const { product, twilio, book } = rig
  product.on(
    '/voice',
    twiml('<Gather numDigits="2" action="/keys"><Say>Enter two digits, please.</Say></Gather>'),
  )
  product.on('/keys', twiml('<Hangup/>'))
  const caller = new ScriptedCaller(book, [{ press: '42' }, { waitForEnd: true }])
  await ended(await twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller }))
  expect(product.at('/keys')[0]?.params).toMatchObject({ Digits: '42', CallStatus: 'in-progress' })
})

test('speech is gathered, and a gather without input falls through', async () => {
  const { product, twilio, book } = rig
  product.on(
    '/voice',
    twiml('<Gather input="speech" timeout="2" action="/said"/><Redirect>/nothing</Redirect>'),
  )
  product.on('/said', twiml('<Gather timeout="1" action="/said"/><Redirect>/nothing</Redirect>'))
  product.on('/nothing', twiml('<Hangup/>'))
  const caller = new ScriptedCaller(book, [{ say: 'I need help.' }, { waitForEnd: true }])
  await ended(await twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller }))
  expect(product.at('/said')).toHaveLength(1)
  expect(product.at('/said')[0]?.params).toMatchObject({ SpeechResult: 'I need help.' })
  expect(product.at('/nothing')).toHaveLength(1)
})

test('dialing an unknown number is refused, and so is one with an application', async () => {
  const { twilio } = rig
  await expect(twilio.dial({ from: CALLER, to: '+19995550100' })).rejects.toThrow('not a number')
  await rig.close()
  rig = await aRig({ numbers: [{ phoneNumber: OUR_NUMBER, voiceApplicationSid: 'AP1' }] })
  await expect(rig.twilio.dial({ from: CALLER, to: OUR_NUMBER })).rejects.toThrow('application')
})
