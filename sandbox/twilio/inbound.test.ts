import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ear, type Heard } from '../speech/ear.ts'
import { ScriptedCaller } from './caller.ts'
import { sign } from './signature.ts'
import { ACCOUNT_SID, AUTH_TOKEN, aRig, CALLER, OUR_NUMBER, type Rig, twiml } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await aRig()
})
afterEach(() => rig.close())

const GREETING = 'Hello, this is Northwind Dental.'
const stream = (extra = '') =>
  twiml(
    `<Connect><Stream url="${rig.product.wsUrl}/media"><Parameter name="token" value="one &amp; only"/></Stream></Connect>${extra}`,
  )

test('a call is answered with the TwiML, carries speech both ways and ends with its status', async () => {
  const { product, twilio, book } = rig
  product.on('/voice', stream())
  const greeting = await book.say(GREETING, 'en-gb/70/160')
  const heard: Heard[] = []
  const ear = new Ear(book, (h) => heard.push(h))
  product.onSocket = (socket) => {
    socket.ws.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.event === 'start') socket.play(greeting.audio)
      if (message.event === 'media') ear.hear(Buffer.from(message.media.payload, 'base64'))
    })
  }
  const caller = new ScriptedCaller(book, [
    { hear: 'Northwind' },
    { say: 'I want a cleaning.' },
    { pause: 100 },
    { hangUp: true },
  ])
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  expect(await caller.done).toBe('finished')

  const [voice] = product.at('/voice')
  expect(voice?.params).toMatchObject({
    CallSid: leg.callSid,
    AccountSid: ACCOUNT_SID,
    From: CALLER,
    To: OUR_NUMBER,
    CallStatus: 'ringing',
    Direction: 'inbound',
    ApiVersion: '2010-04-01',
  })
  expect(voice?.headers['x-twilio-signature']).toBe(
    sign(AUTH_TOKEN, `${product.url}/voice`, voice?.params),
  )
  expect(heard.at(-1)).toMatchObject({ kind: 'final', utterance: { text: 'I want a cleaning.' } })

  const [socket] = product.sockets
  await socket?.closed
  expect(socket?.messages[0]).toEqual({ event: 'connected', protocol: 'Call', version: '1.0.0' })
  expect(socket?.messages[1]).toEqual({
    event: 'start',
    sequenceNumber: '1',
    streamSid: socket?.streamSid,
    start: {
      accountSid: ACCOUNT_SID,
      streamSid: socket?.streamSid,
      callSid: leg.callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { token: 'one & only' },
    },
  })
  expect(socket?.messages.at(-1)).toMatchObject({
    event: 'stop',
    stop: { accountSid: ACCOUNT_SID, callSid: leg.callSid },
  })
  expect(socket?.messages.slice(1).map((m) => m.sequenceNumber)).toEqual(
    socket?.messages.slice(1).map((_, n) => String(n + 1)),
  )
  expect(socket?.request.headers['x-twilio-signature']).toBe(
    sign(AUTH_TOKEN, `${product.wsUrl}/media`),
  )

  await leg.callbacks.settled()
  const [status] = product.at('/status')
  expect(status?.params).toMatchObject({
    CallSid: leg.callSid,
    CallStatus: 'completed',
    SequenceNumber: '0',
    CallDuration: String(leg.durationSeconds),
  })
  expect(leg.log.filter((e) => e.kind === 'twiml-error' || e.kind === 'media-error')).toEqual([])
})

test('frames leave every 20 ms with string numbers that count up by one', async () => {
  const { product, twilio } = rig
  product.on('/voice', stream())
  const dialledAt = performance.now()
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'stream-open', 2_000)
  const socket = product.sockets[0]!
  await socket.until('media', 51)
  const media = socket.media().slice(0, 51)
  expect(media.map((m) => m.chunk)).toEqual(media.map((_, n) => String(n + 1)))
  expect(media.map((m) => m.timestamp)).toEqual(media.map((_, n) => String(n * 20)))
  expect(new Set(media.map((m) => m.payload.length))).toEqual(new Set([216]))
  const at = socket.arrivedAt.filter((_, n) => socket.messages[n]?.event === 'media')
  // A busy machine delivers late, never early or twice.
  for (const [n, arrived] of at.entries()) expect(arrived - dialledAt).toBeGreaterThan(n * 20)
})

test('a socket the product closes lets the TwiML go on with the redirect', async () => {
  const { product, twilio } = rig
  product.on('/voice', stream('<Redirect>/resume</Redirect>'))
  product.on('/resume', twiml('<Hangup/>'))
  product.onSocket = (socket) => void socket.until('media').then(() => socket.ws.close(1000))
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'ended', 3_000)
  expect(product.at('/resume')[0]?.params.CallStatus).toBe('in-progress')
  expect(leg.status).toBe('completed')
  expect(leg.log.find((e) => e.kind === 'stream-close')).toMatchObject({
    by: 'product',
    code: 1000,
  })
})

test('a socket that is lost without a close lets the TwiML go on too', async () => {
  const { product, twilio } = rig
  product.on('/voice', stream('<Redirect>/resume</Redirect>'))
  product.on('/resume', twiml('<Hangup/>'))
  product.onSocket = (socket) => void socket.until('media').then(() => socket.ws.terminate())
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'ended', 3_000)
  expect(product.at('/resume')).toHaveLength(1)
  expect(leg.log.find((e) => e.kind === 'stream-close')).toMatchObject({ code: 1006 })
})
