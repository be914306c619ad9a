import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mediaFrame, STREAM_SID } from '../bridge-testing.ts'
import { handWoundClock } from '../clock.ts'
import { MemorySocket } from '../memory-socket.ts'
import type { TwilioStart } from './frames.ts'
import { type GateRefusal, openGate, type Verdict } from './gate.ts'

const CONNECTED = { event: 'connected', protocol: 'Call', version: '1.0.0' }
const START = {
  event: 'start',
  sequenceNumber: '1',
  start: {
    accountSid: `AC${'a'.repeat(32)}`,
    streamSid: STREAM_SID,
    callSid: `CA${'b'.repeat(32)}`,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: { callId: 'c_1', token: 'one-time' },
  },
  streamSid: STREAM_SID,
}

function aGate(admit: (start: TwilioStart) => void = () => {}) {
  const clock = handWoundClock()
  const socket = new MemorySocket()
  const verified: TwilioStart[] = []
  const admitted: TwilioStart[] = []
  const delivered: string[] = []
  const refused: { why: GateRefusal; start: TwilioStart | undefined }[] = []
  let answer: { resolve(verdict: Verdict): void; reject(error: Error): void } | undefined
  openGate({
    socket,
    clock,
    verify: (start) =>
      new Promise((resolve, reject) => {
        verified.push(start)
        answer = { resolve, reject }
      }),
    admitted: (start) => {
      admit(start)
      admitted.push(start)
      return (data) => void delivered.push(data.toString())
    },
    refused: (why, start) => void refused.push({ why, start }),
  })
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return {
    clock,
    socket,
    verified,
    admitted,
    delivered,
    refused,
    async answer(verdict: Verdict | Error) {
      if (verdict instanceof Error) answer!.reject(verdict)
      else answer!.resolve(verdict)
      await settle()
    },
  }
}

describe('a good stream', () => {
  test('is admitted once, with its start as Twilio sent it', async () => {
    const gate = aGate()
    gate.socket.receive(CONNECTED)
    gate.socket.receive(START)
    await gate.answer('ok')
    expect(gate.verified).toHaveLength(1)
    expect(gate.admitted).toMatchObject([
      { streamSid: STREAM_SID, start: { customParameters: { callId: 'c_1', token: 'one-time' } } },
    ])
    expect(gate.socket.closed).toBeUndefined()
    expect(gate.clock.pending()).toBe(0)
  })

  test('loses no frame of what is said while its token is looked up', async () => {
    const gate = aGate()
    gate.socket.receive(CONNECTED)
    gate.socket.receive(START)
    const frames = Array.from({ length: 60 }, (_, index) => mediaFrame(index, 0x10))
    for (const frame of frames.slice(0, 50)) gate.socket.receive(frame)
    expect(gate.delivered).toEqual([])
    await gate.answer('ok')
    for (const frame of frames.slice(50)) gate.socket.receive(frame)
    expect(gate.delivered).toEqual(frames)
  })

  test('may say what we do not know, within its three messages', async () => {
    const gate = aGate()
    gate.socket.receive({ event: 'novelty' })
    gate.socket.receive(CONNECTED)
    gate.socket.receive(START)
    await gate.answer('ok')
    expect(gate.admitted).toHaveLength(1)
  })
})

describe('a stream is turned away', () => {
  const cases: [string, GateRefusal, number, (gate: ReturnType<typeof aGate>) => void][] = [
    ['that says nothing for five seconds', 'too_slow', 1008, ({ clock }) => clock.advance(5_000)],
    [
      'that connects and then waits',
      'too_slow',
      1008,
      ({ socket, clock }) => {
        socket.receive(CONNECTED)
        clock.advance(5_000)
      },
    ],
    [
      'that sends media before its start',
      'media_before_start',
      1008,
      ({ socket }) => socket.receive(mediaFrame(0, 1)),
    ],
    [
      'that sends a fourth message before its start',
      'too_much',
      1008,
      ({ socket }) => {
        for (let count = 0; count < 4; count++) socket.receive(CONNECTED)
      },
    ],
    [
      'that sends more than 8 KiB before its start',
      'too_much',
      1008,
      ({ socket }) => socket.receive({ ...CONNECTED, padding: 'x'.repeat(8_192) }),
    ],
    [
      'whose sixth message is malformed',
      'malformed',
      1003,
      ({ socket }) => {
        for (let count = 0; count < 6; count++) socket.receive('{')
      },
    ],
    [
      'that sends a binary message',
      'binary',
      1003,
      ({ socket }) => socket.receiveBytes(Buffer.from('x'), true),
    ],
    [
      'that sends a message over 64 KiB',
      'oversized',
      1009,
      ({ socket }) => socket.receive('x'.repeat(65_537)),
    ],
  ]
  test.each(cases)('%s', async (_, why, code, act) => {
    const gate = aGate()
    act(gate)
    expect(gate.refused).toEqual([{ why, start: undefined }])
    expect(gate.socket.closed).toMatchObject({ code })
    expect(gate.verified).toEqual([])
    expect(gate.clock.pending()).toBe(0)
  })

  test('whose start names another format, as if it had not started', () => {
    const gate = aGate()
    const format = { encoding: 'audio/l16', sampleRate: 8000, channels: 1 }
    gate.socket.receive({ ...START, start: { ...START.start, mediaFormat: format } })
    gate.clock.advance(5_000)
    expect(gate.refused).toMatchObject([{ why: 'too_slow' }])
    expect(gate.verified).toEqual([])
  })

  test.each([
    ['with 4401 when its token is no good', '4401', 4401, 'unauthorized'],
    ['with 4409 when the call has a stream already', '4409', 4409, 'duplicate'],
  ] as const)('%s', async (_, verdict, code, why) => {
    const gate = aGate()
    gate.socket.receive(START)
    await gate.answer(verdict)
    expect(gate.socket.closed).toMatchObject({ code })
    expect(gate.refused).toEqual([{ why, start: undefined }])
    expect(gate.admitted).toEqual([])
  })

  test('when the token cannot be looked up, or not in time, and its call is told', async () => {
    const failing = aGate()
    failing.socket.receive(START)
    await failing.answer(new Error('no database'))
    const slow = aGate()
    slow.socket.receive(START)
    slow.clock.advance(4_000)
    await slow.answer('ok')
    for (const gate of [failing, slow]) {
      expect(gate.socket.closed).toMatchObject({ code: 1011 })
      expect(gate.refused).toMatchObject([
        { why: 'verify_failed', start: { streamSid: STREAM_SID } },
      ])
      expect(gate.admitted).toEqual([])
    }
  })

  test('when admitting it throws', async () => {
    const gate = aGate(() => {
      throw new Error('no bridge')
    })
    gate.socket.receive(START)
    await gate.answer('ok')
    expect(gate.socket.closed).toMatchObject({ code: 1011 })
    expect(gate.refused).toMatchObject([{ why: 'verify_failed' }])
  })

  test('when it floods while its token is looked up', async () => {
    const gate = aGate()
    gate.socket.receive(START)
    for (let count = 0; count < 251; count++) gate.socket.receive(mediaFrame(count, 1))
    expect(gate.socket.closed).toMatchObject({ code: 1008 })
    await gate.answer('ok')
    expect(gate.admitted).toEqual([])
    expect(gate.refused).toMatchObject([{ why: 'flood', start: { streamSid: STREAM_SID } }])
  })

  test('when more than 128 KiB wait while its token is looked up', () => {
    const gate = aGate()
    gate.socket.receive(START)
    for (let count = 0; count < 3; count++) gate.socket.receive('x'.repeat(60_000))
    expect(gate.refused).toMatchObject([{ why: 'flood' }])
  })
})

test('a stream that closes while its token is looked up is not admitted, and its call is told', async () => {
  const gate = aGate()
  gate.socket.receive(START)
  gate.socket.drop(1006)
  await gate.answer('ok')
  expect(gate.admitted).toEqual([])
  expect(gate.refused).toMatchObject([{ why: 'closed', start: { streamSid: STREAM_SID } }])
})

test('whatever arrives, a gate throws nothing and keeps no timer once it has decided', async () => {
  const message = fc.oneof(
    fc.constant(JSON.stringify(CONNECTED)),
    fc.constant(JSON.stringify(START)),
    fc.constant(mediaFrame(0, 1)),
    fc.json(),
    fc.string({ maxLength: 9_000 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
      const gate = aGate()
      for (const text of messages) gate.socket.receive(text)
      if (gate.verified.length > 0) await gate.answer('ok')
      gate.clock.advance(10_000)
      expect(gate.clock.pending()).toBe(0)
      expect(gate.admitted.length + gate.refused.length).toBe(1)
    }),
  )
})
