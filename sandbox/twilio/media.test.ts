import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ear, type Heard } from '../speech/ear.ts'
import { ScriptedCaller } from './caller.ts'
import { fastClock } from './clock.ts'
import type { Leg } from './leg.ts'
import { aRig, CALLER, OUR_NUMBER, type Rig, type TinySocket, twiml } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await aRig({ clock: fastClock(5) })
})
afterEach(() => rig.close())

async function aStream(after = ''): Promise<{ leg: Leg; socket: TinySocket }> {
  const { product, twilio } = rig
  product.on('/voice', twiml(`<Connect><Stream url="${product.wsUrl}/media"/></Connect>${after}`))
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'stream-open', 10_000)
  const socket = product.sockets[0]!
  await socket.until('start')
  return { leg, socket }
}

const second = new Uint8Array(8_000).fill(0x30)
const complaints = (leg: Leg) =>
  leg.log.flatMap((event) => (event.kind === 'media-error' ? [event.code] : []))

test('a mark comes back when everything before it was played', async () => {
  const { leg, socket } = await aStream()
  const before = leg.line.tape.length
  socket.play(second)
  socket.mark('one')
  socket.play(second)
  socket.mark('two')
  await socket.until('mark', 1)
  const first = leg.line.tape.length - before
  await socket.until('mark', 2)
  const both = leg.line.tape.length - before
  expect(socket.of('mark').map((m) => m.mark)).toEqual([{ name: 'one' }, { name: 'two' }])
  expect(first).toBeGreaterThanOrEqual(8_000)
  expect(first).toBeLessThan(12_000)
  expect(both).toBeGreaterThanOrEqual(16_000)
})

test('clear silences the leg within a frame and returns every outstanding mark', async () => {
  const { leg, socket } = await aStream()
  for (const name of ['a', 'b', 'c']) {
    socket.play(second)
    socket.mark(name)
  }
  await leg.until((e) => e.kind === 'first-audio', 10_000)
  socket.clear()
  await socket.until('mark', 3)
  expect(socket.of('mark').map((m) => m.mark)).toEqual(['a', 'b', 'c'].map((name) => ({ name })))
  const at = leg.line.tape.length
  await socket.until('media', socket.of('media').length + 10)
  expect(leg.line.tape.heard(at).every((byte) => byte === 0xff)).toBe(true)
  const cleared = leg.log.filter((e) => e.kind === 'mark').map((e) => e.cleared)
  expect(cleared).toEqual([true, true, true])
})

test('keys arrive as dtmf messages, one each and in order', async () => {
  const { leg, socket } = await aStream()
  leg.press('1w#')
  await socket.until('dtmf', 2)
  expect(socket.of('dtmf').map((m) => m.dtmf)).toEqual([
    { track: 'inbound_track', digit: '1' },
    { track: 'inbound_track', digit: '#' },
  ])
  expect(() => leg.press('1x')).toThrow('not keys')
})

test('keys a stream took are not there for a later gather', async () => {
  const { product } = rig
  product.on('/keys', twiml('<Hangup/>')).on('/none', twiml('<Hangup/>'))
  const { leg, socket } = await aStream(
    '<Gather timeout="1" numDigits="1" action="/keys"/><Redirect>/none</Redirect>',
  )
  leg.press('7')
  await socket.until('dtmf')
  socket.ws.close()
  await leg.until((e) => e.kind === 'ended', 10_000)
  expect(product.at('/keys')).toEqual([])
  expect(product.at('/none')).toHaveLength(1)
})

test('what a product must not send is complained about and the call goes on', async () => {
  const { leg, socket } = await aStream()
  socket.ws.send(Buffer.from([1, 2, 3]))
  socket.ws.send('not json')
  socket.ws.send(JSON.stringify({ event: 'media', media: { payload: '/v7+' } }))
  socket.ws.send(JSON.stringify({ event: 'sing', streamSid: socket.streamSid }))
  socket.ws.send(
    JSON.stringify({ event: 'media', streamSid: socket.streamSid, media: { payload: '%%%' } }),
  )
  socket.ws.send(JSON.stringify({ event: 'mark', streamSid: socket.streamSid }))
  socket.mark('fine')
  await socket.until('mark')
  expect(complaints(leg)).toEqual([31950, 31950, 31922, 31922, 31922, 31922])
  expect(leg.status).toBe('in-progress')
})

test('one-way streams carry both tracks, take nothing and outlive the verbs that follow', async () => {
  const { product, twilio, book } = rig
  product.on(
    '/voice',
    twiml(
      `<Start><Stream name="live" url="${product.wsUrl}/coach" track="both_tracks" statusCallback="/stream"/></Start><Pause length="1"/><Say>Welcome.</Say><Stop><Stream name="live"/></Stop><Pause length="1"/>`,
    ),
  )
  const heard: Record<'inbound' | 'outbound', Heard[]> = { inbound: [], outbound: [] }
  const caller = new ScriptedCaller(book, [{ say: 'Good morning.' }, { waitForEnd: true }])
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  await leg.until((e) => e.kind === 'ended', 10_000)
  const socket = product.sockets[0]!
  await socket.closed
  expect(socket.messages[1]).toMatchObject({ start: { tracks: ['inbound', 'outbound'] } })
  for (const track of ['inbound', 'outbound'] as const) {
    const ear = new Ear(book, (h) => heard[track].push(h))
    ear.hear(socket.audio(track))
    ear.flush()
    const chunks = socket.media(track).map((m) => m.chunk)
    expect(chunks).toEqual(chunks.map((_, n) => String(n + 1)))
  }
  expect(heard.outbound.at(-1)).toMatchObject({ kind: 'final', utterance: { text: 'Welcome.' } })
  expect(heard.inbound[0]?.kind).toBe('start')
  expect(caller.heard.at(-1)).toMatchObject({ kind: 'final', utterance: { text: 'Welcome.' } })
  const events = product.at('/stream').map((hook) => hook.params)
  expect(events).toMatchObject([
    { StreamEvent: 'stream-started', StreamName: 'live', StreamSid: socket.streamSid },
    { StreamEvent: 'stream-stopped', CallSid: leg.callSid },
  ])
})

test('a socket that is refused is reported and the next verb runs', async () => {
  const { product, twilio } = rig
  product.refuseSockets = 1
  product.on(
    '/voice',
    twiml(
      `<Connect><Stream url="${product.wsUrl}/media" statusCallback="/stream"/></Connect><Redirect>/resume</Redirect>`,
    ),
  )
  product.on('/resume', twiml('<Hangup/>'))
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'ended', 10_000)
  expect(product.at('/resume')).toHaveLength(1)
  expect(complaints(leg)).toEqual([31920])
  expect(product.at('/stream')[0]?.params).toMatchObject({ StreamEvent: 'stream-error' })
})

test('a stream address with a query string is not opened', async () => {
  const { product, twilio } = rig
  product.on('/voice', twiml(`<Connect><Stream url="${product.wsUrl}/media?call=1"/></Connect>`))
  const leg = await twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'ended', 10_000)
  expect(product.sockets).toEqual([])
  expect(leg.log.find((e) => e.kind === 'twiml-error')).toMatchObject({ code: 31923 })
})

test('a flipped bit on the way in is heard as damage', async () => {
  const { faults, book } = rig
  faults.add({
    vendor: 'twilio',
    on: 'socket',
    path: '/media',
    action: { type: 'flip', frame: 60 },
  })
  const { leg, socket } = await aStream()
  const heard: Heard[] = []
  const { audio } = await book.say('Can you hear every single word of what I am saying now?', 'en')
  await leg.speak(new Uint8Array([...audio]))
  await socket.until('media', Math.ceil(audio.length / 160) + 60)
  const ear = new Ear(book, (h) => heard.push(h))
  ear.hear(socket.audio())
  ear.flush()
  expect(heard.map(({ kind }) => kind)).toContain('damaged')
})

test('a fault closes the socket after so many frames, and the call goes on with the next verb', async () => {
  const { faults, product } = rig
  faults.add({
    vendor: 'twilio',
    on: 'socket',
    action: { type: 'close', afterFrames: 10, code: 1011 },
  })
  product.on('/resume', twiml('<Hangup/>'))
  const { leg, socket } = await aStream('<Redirect>/resume</Redirect>')
  expect(await socket.closed).toBe(1011)
  await leg.until((e) => e.kind === 'ended', 10_000)
  expect(socket.of('media')).toHaveLength(10)
  expect(product.at('/resume')).toHaveLength(1)
})

test('a fault makes the socket fall silent while it stays open', async () => {
  rig.faults.add({ vendor: 'twilio', on: 'socket', action: { type: 'silence', afterFrames: 5 } })
  const { socket } = await aStream()
  socket.play(second)
  socket.mark('still here')
  await socket.until('mark')
  expect(socket.of('media')).toHaveLength(5)
  expect(socket.ws.readyState).toBe(socket.ws.OPEN)
})

test('a fault opens the stream late, or never says what it is', async () => {
  rig.faults.add({ vendor: 'twilio', on: 'socket', action: { type: 'delay', ms: 300 } })
  rig.faults.add({ vendor: 'twilio', on: 'socket', action: { type: 'hang' } })
  const { leg, socket } = await aStream()
  const opened = leg.log.find((e) => e.kind === 'stream-open')
  expect(opened?.at).toBeGreaterThanOrEqual(300)
  await socket.until('media')

  const mute = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await expect.poll(() => rig.product.sockets[1]?.messages.length).toBe(1)
  mute.hangUp()
  await rig.product.sockets[1]?.closed
  expect(rig.product.sockets[1]?.messages).toEqual([
    { event: 'connected', protocol: 'Call', version: '1.0.0' },
  ])
})

test('the caller hanging up stops the stream and closes the socket', async () => {
  const { leg, socket } = await aStream()
  leg.hangUp()
  expect(await socket.closed).toBe(1000)
  expect(socket.messages.at(-1)?.event).toBe('stop')
  expect(leg.status).toBe('completed')
})

test('a caller who interrupts is heard in full and hears where the other side was cut off', async () => {
  const { product, twilio, book } = rig
  const line = await book.say(
    'Our opening hours are nine to five on every single weekday.',
    'en-gb',
  )
  product.on('/voice', twiml(`<Connect><Stream url="${product.wsUrl}/media"/></Connect>`))
  const heard: Heard[] = []
  product.onSocket = (socket) => {
    const ear = new Ear(book, (h) => {
      heard.push(h)
      if (h.kind === 'start') socket.clear()
    })
    socket.ws.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.event === 'start') socket.play(line.audio)
      if (message.event === 'media') ear.hear(Buffer.from(message.media.payload, 'base64'))
    })
  }
  const caller = new ScriptedCaller(book, [
    { interrupt: 'Just a moment.', afterMs: 1_000 },
    { pause: 100 },
    { hangUp: true },
  ])
  await twilio.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
  expect(await caller.done).toBe('finished')
  expect(heard.at(-1)).toMatchObject({ kind: 'final', utterance: { text: 'Just a moment.' } })
  const cut = caller.heard.find((h) => h.kind === 'cut')
  expect(cut).toMatchObject({ utterance: { text: line.text } })
  expect(caller.said[0]?.atMs).toBeGreaterThanOrEqual(1_000)
})
