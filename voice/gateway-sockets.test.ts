import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCallSid } from '#api/domains/calls/testing.ts'
import { mediaFrame } from './bridge-testing.ts'
import {
  ANSWER,
  aGateway,
  type GatewayBench,
  GREETING,
  QUESTION,
  type RawSocket,
  startFrame,
  streamParameters,
  voiceParams,
} from './gateway-testing.ts'

let bench: GatewayBench
beforeAll(async () => {
  bench = await aGateway()
})
afterAll(() => bench?.close())

/** A call that Twilio was told to connect, and the parameters its stream must bring. */
async function anAdmittedCall() {
  const params = voiceParams(bench.centre, aCallSid())
  const { body } = await bench.post('/twilio/voice', params)
  const { organizationId = '', callId = '', token = '' } = streamParameters(body)
  return { callSid: params.CallSid, organizationId, callId, token }
}

async function aLiveStream() {
  const call = await anAdmittedCall()
  const socket = await bench.openMedia()
  socket.send(startFrame(call))
  socket.send(mediaFrame(0, 0xff))
  await socket.until((message) => message.event === 'media')
  return { call, socket }
}

const stateOf = async (callId: string) =>
  (await bench.rows('select state from calls where id = $1', [callId]))[0]?.state

const code = async (socket: RawSocket) => (await socket.closed).code

test('an upgrade without a signature, or with a wrong one, is refused before it is a socket', async () => {
  const before = await bench.refused('media_signature')
  for (const signature of [null, '', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='])
    await expect(bench.openMedia({ signature })).rejects.toThrow('403')
  expect((await bench.refused('media_signature')) - before).toBe(3)
})

test('a stream without a token, with a wrong one, of another call or of another carrier call is 4401', async () => {
  const [mine, other] = [await anAdmittedCall(), await anAdmittedCall()]
  const attempts = [
    { callSid: mine.callSid },
    { ...mine, token: '' },
    { ...mine, token: `x${mine.token.slice(1)}` },
    { ...mine, token: other.token },
    { ...mine, callSid: other.callSid },
    { ...mine, organizationId: crypto.randomUUID() },
    { ...mine, callId: "'; drop table calls; --" },
  ]
  for (const attempt of attempts) {
    const socket = await bench.openMedia()
    socket.send(startFrame(attempt))
    expect(await code(socket)).toBe(4401)
  }
  expect(await stateOf(mine.callId)).toBe('authorized')
  expect(await stateOf(other.callId)).toBe('authorized')
})

test('a token opens one socket: the second is 4409 and the first one’s call goes on', async () => {
  const call = await anAdmittedCall()
  const first = await bench.openMedia()
  first.send(startFrame(call))
  first.send(mediaFrame(0, 0xff))
  await first.until((message) => message.event === 'media')
  const second = await bench.openMedia()
  second.send(startFrame(call))
  expect(await code(second)).toBe(4409)
  expect(bench.gateway.find(call.callId)?.isOver).toBe(false)
  first.send({ event: 'stop' })
  await expect.poll(() => stateOf(call.callId)).toBe('settled')
  const late = await bench.openMedia()
  late.send(startFrame(call))
  expect(await code(late)).toBe(4409)
})

test('of ten sockets with one token at once, one gets the call', async () => {
  const call = await anAdmittedCall()
  const sockets = await Promise.all(Array.from({ length: 10 }, () => bench.openMedia()))
  for (const socket of sockets) socket.send(startFrame(call))
  await expect
    .poll(() => sockets.filter(({ socket }) => socket.readyState === socket.OPEN).length, {
      timeout: 5_000,
    })
    .toBe(1)
  const [winner] = sockets.filter(({ socket }) => socket.readyState === socket.OPEN)
  for (const socket of sockets) if (socket !== winner) expect(await code(socket)).toBe(4409)
  winner?.send({ event: 'stop' })
  await expect.poll(() => stateOf(call.callId)).toBe('settled')
})

test('a caller who is gone while the token is checked leaves no call and no money held', async () => {
  const centre = await bench.aCentre()
  const params = voiceParams(centre, aCallSid())
  const { body } = await bench.post('/twilio/voice', params)
  const { organizationId = '', callId = '', token = '' } = streamParameters(body)
  const socket = await bench.openMedia()
  socket.send(startFrame({ callSid: params.CallSid, organizationId, callId, token }))
  socket.close()
  await expect.poll(() => stateOf(callId), { timeout: 5_000 }).toBe('settled')
  expect(await bench.money(centre)).toEqual({ balance: 100_000, held: 0 })
})

test('a stream that waited too long for the database is let go, and its caller gets another one', async () => {
  const params = voiceParams(bench.centre, aCallSid())
  const { body } = await bench.post('/twilio/voice', params)
  const given = streamParameters(body)
  bench.line.freeze()
  const socket = await bench.openMedia()
  socket.send(startFrame({ callSid: params.CallSid, ...given }))
  expect(await code(socket)).toBe(1011)
  await bench.line.mend()
  const asked = await bench.post('/twilio/resume', params)
  const again = await bench.openMedia()
  again.send(startFrame({ callSid: params.CallSid, ...streamParameters(asked.body) }))
  again.send(mediaFrame(0, 0xff))
  await again.until(({ event }) => event === 'media')
  expect(await stateOf(given.callId ?? '')).toBe('live')
  again.close()
})

/** What a stranger with a signed upgrade might send, and how that socket ends. */
const abuses: [string, number, (socket: RawSocket) => void][] = [
  ['media before start', 1008, (socket) => socket.send(mediaFrame(0, 0x10))],
  ['binary', 1003, (socket) => socket.send(Buffer.alloc(160, 0xff))],
  ['six malformed messages', 1003, (socket) => times(6, () => socket.send('{"event":'))],
  ['what is no frame', 1003, (socket) => times(6, () => socket.send('[]'))],
  [
    'more than a start needs',
    1008,
    (socket) => times(4, () => socket.send({ event: 'connected', protocol: 'Call' })),
  ],
  [
    'more bytes than a start needs',
    1008,
    (socket) => socket.send(`{"event":"x","y":"${'z'.repeat(9_000)}"}`),
  ],
  ['a message over 64 KiB', 1009, (socket) => socket.send('y'.repeat(70_000))],
  [
    'invalid UTF-8',
    1007,
    (socket) => socket.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false }),
  ],
  ['a prototype', 1003, (socket) => times(6, () => socket.send('{"__proto__":{"event":"start"}}'))],
]
const times = (count: number, run: () => void) => {
  for (let done = 0; done < count; done++) run()
}

test('while strangers do all of it at once, another caller on this gateway hears every word', async () => {
  const call = await bench.dial([
    { hear: GREETING },
    { say: QUESTION },
    { hear: ANSWER },
    { say: QUESTION },
    { hear: ANSWER },
    { hangUp: true },
  ])
  await call.leg.until(({ kind }) => kind === 'stream-open', 5_000)
  let over = false
  void call.script.then(() => {
    over = true
  })
  let rounds = 0
  while (!over) {
    const sockets = await Promise.all(
      abuses.map(async ([what, wanted, abuse]) => {
        const socket = await bench.openMedia()
        abuse(socket)
        return { what, wanted, socket }
      }),
    )
    for (const { what, wanted, socket } of sockets)
      expect({ what, code: await code(socket) }).toEqual({ what, code: wanted })
    rounds++
  }
  expect(await call.script).toBe('finished')
  expect(rounds).toBeGreaterThan(10)
  expect(call.phone.damagedTurns).toBe(0)
  expect(call.phone.heard.turns.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    `final: ${GREETING}`,
    `final: ${ANSWER}`,
    `final: ${ANSWER}`,
  ])
  expect(bench.elevenLabs.unrecognised).toBe(0)
})

test('a live stream that turns to floods or rubbish ends its own call, paid, and no other', async () => {
  const neighbour = await bench.dial([
    { hear: GREETING },
    { say: QUESTION },
    { hear: ANSWER },
    { hangUp: true },
  ])
  const attacks: [string, number, (socket: RawSocket) => void][] = [
    ['a flood', 1008, (socket) => times(2_000, () => socket.send(mediaFrame(1, 0x10)))],
    ['rubbish', 1003, (socket) => times(7, () => socket.send('rubbish'))],
    ['binary', 1003, (socket) => socket.send(Buffer.alloc(160))],
  ]
  for (const [what, wanted, attack] of attacks) {
    const { call, socket } = await aLiveStream()
    attack(socket)
    expect({ what, code: await code(socket) }).toEqual({ what, code: wanted })
    await expect
      .poll(() => bench.rows('select state, reason from calls where id = $1', [call.callId]))
      .toEqual([{ state: 'settled', reason: 'protocol_violation' }])
  }
  expect(await neighbour.script).toBe('finished')
  expect(neighbour.phone.damagedTurns).toBe(0)
})

test('a live stream broken by an oversized message may be resumed, as after any lost stream', async () => {
  const { call, socket } = await aLiveStream()
  socket.send('y'.repeat(70_000))
  expect(await code(socket)).toBe(1009)
  await expect.poll(() => bench.gateway.find(call.callId)).toBeUndefined()
  const asked = await bench.post('/twilio/resume', voiceParams(bench.centre, call.callSid))
  const again = await bench.openMedia()
  again.send(startFrame({ ...call, token: streamParameters(asked.body).token ?? '' }))
  again.send(mediaFrame(0, 0xff))
  await again.until((message) => message.event === 'media')
  again.send({ event: 'stop' })
  await expect.poll(() => stateOf(call.callId)).toBe('settled')
})

test('a socket that says nothing is closed after five seconds', async () => {
  const socket = await bench.openMedia()
  const openedAtMs = performance.now()
  const { code: how, atMs } = await socket.closed
  expect(how).toBe(1008)
  expect(atMs - openedAtMs).toBeGreaterThan(4_900)
  expect(atMs - openedAtMs).toBeLessThan(6_500)
})

test('one address may hold fifty sockets that have not started, and gets its places back', async () => {
  const sockets = await Promise.all(Array.from({ length: 50 }, () => bench.openMedia()))
  await expect(bench.openMedia()).rejects.toThrow('503')
  for (const socket of sockets) socket.close()
  await expect
    .poll(
      () =>
        bench.openMedia().then(
          (socket) => {
            socket.close()
            return 'open'
          },
          () => 'refused',
        ),
      { timeout: 5_000 },
    )
    .toBe('open')
})
