import { describe, expect, test } from 'vitest'
import { agentSays } from './agent/phrases-testing.ts'
import {
  aBridge,
  audioSentTo,
  base64Of,
  eventsSentTo,
  marksOf,
  mediaFrame,
  ofType,
} from './bridge-testing.ts'
import { type TapeCall, tapeKind } from './tape/format.ts'

const SECOND = 8_000
const FILLER = new Uint8Array(SECOND).fill(0x31)
const FAREWELL = new Uint8Array(SECOND).fill(0x32)
const notices = { reconnecting: FILLER, farewell: FAREWELL }
const payloadOf = (audio: Uint8Array) => Buffer.from(audio).toString('base64')
const kinds = (events: { kind: string }[]) => events.map(({ kind }) => kind)

async function aTalk(options: Parameters<typeof aBridge>[0] = {}) {
  const bench = aBridge({ notices, ...options })
  bench.bridge.start()
  const agent = await bench.answer()
  bench.speak(1)
  return { ...bench, agent }
}

/** The vendor is well: it pings every second while the caller's line is open. */
function pass(
  bench: { speak(frames: number, byte?: number): void },
  seconds: number,
  agent?: { receive(m: object): void },
) {
  for (let second = 0; second < seconds; second++) {
    agent?.receive(agentSays.ping(second))
    bench.speak(50, 0xff)
  }
}

describe('the start', () => {
  test('sends the initiation first and is ready with the metadata', async () => {
    const { bridge, connecting, initiations, ready, settle, clock } = aBridge()
    bridge.start()
    const agent = connecting[0]!.open()
    await settle()
    expect(agent.messages).toEqual([{ type: 'conversation_initiation_client_data', attempt: 0 }])
    expect(initiations).toEqual([{ attempt: 0, history: [] }])
    clock.advance(300)
    agent.receive(agentSays.metadata('conv_a'))
    clock.advance(100)
    expect(ready).toEqual([{ conversationId: 'conv_a', attempt: 0, sinceStartMs: 300 }])
  })

  test('is tried three times, then told and given up', async () => {
    const { bridge, connecting, settle, speak, ended, returnMarks, twilio } = aBridge({ notices })
    bridge.start()
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(connecting).toHaveLength(attempt + 1)
      connecting[attempt]!.refuse()
      await settle()
      speak(20)
    }
    expect(connecting.map(({ attempt }) => attempt)).toEqual([0, 0, 0])
    expect(twilio.messages[0]).toMatchObject({ media: { payload: payloadOf(FAREWELL) } })
    expect(ended).toEqual([])
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'agent_start_failed' }])
    expect(twilio.closed).toMatchObject({ code: 1000 })
  })

  test('that fails ends with a farewell that was spoken only meanwhile', async () => {
    const { bridge, connecting, settle, speak, twilio } = aBridge()
    bridge.start()
    for (let attempt = 0; attempt < 3; attempt++) {
      connecting[attempt]!.refuse()
      if (attempt === 1) bridge.takeNotices(notices)
      await settle()
      speak(20)
    }
    expect(twilio.messages[0]).toMatchObject({ media: { payload: payloadOf(FAREWELL) } })
  })

  test('takes three seconds at most, and leaves a socket that opens later closed', async () => {
    const { bridge, connecting, speak, ended, settle } = aBridge()
    bridge.start()
    speak(155)
    expect(connecting).toHaveLength(1)
    expect(connecting[0]!.signal.aborted).toBe(true)
    expect(ended).toMatchObject([{ reason: 'agent_start_failed' }])
    const late = connecting[0]!.open()
    await settle()
    expect(late.closed).toMatchObject({ code: 1000 })
    expect(late.sent).toEqual([])
  })

  test('counts a socket that closes before its metadata as a failed try', async () => {
    const { bridge, connecting, settle, speak, ready } = aBridge()
    bridge.start()
    const first = connecting[0]!.open()
    await settle()
    first.drop(1008)
    speak(20)
    const second = connecting[1]!.open()
    await settle()
    second.receive(agentSays.metadata('conv_b'))
    speak(5)
    expect(ready).toMatchObject([{ conversationId: 'conv_b', attempt: 0 }])
  })

  test('ends when the agent speaks a format that a phone cannot play', async () => {
    const { bridge, connecting, settle, ended, events } = aBridge()
    bridge.start()
    const agent = connecting[0]!.open()
    await settle()
    agent.receive(agentSays.metadata('conv_a', 'pcm_16000'))
    expect(ended).toMatchObject([{ reason: 'agent_start_failed' }])
    expect(kinds(events)).toContain('agent-wrong-format')
  })
})

describe('the end', () => {
  test('comes when the caller hangs up, and closes the agent', async () => {
    const { agent, twilio, ended, clock } = await aTalk()
    twilio.receive({ event: 'stop', sequenceNumber: '9', stop: {} })
    twilio.drop(1000)
    expect(ended).toMatchObject([{ reason: 'caller_hung_up', conversationIds: ['conv_1'] }])
    expect(agent.closed).toMatchObject({ code: 1000 })
    expect(clock.pending()).toBe(0)
  })

  test('comes when the stream is lost without a stop', async () => {
    const { twilio, ended, agent } = await aTalk()
    twilio.drop()
    expect(ended).toMatchObject([{ reason: 'stream_lost' }])
    expect(agent.closed).toMatchObject({ code: 1000 })
  })

  test('happens once, however often and from wherever it is asked for', async () => {
    const { bridge, twilio, agent, ended, speak } = await aTalk()
    bridge.end('operator')
    bridge.end('shutdown')
    bridge.finish('funds_exhausted', FAREWELL)
    twilio.drop()
    agent.drop(1011)
    speak(10)
    expect(ended).toMatchObject([{ reason: 'operator', framesUp: 1 }])
    expect(await bridge.playNotice(FILLER, 'late')).toBe('cut')
  })

  test('waits for the goodbye to be heard when the agent hangs up', async () => {
    const { agent, ended, speak, returnMarks, twilio } = await aTalk()
    agent.receive(agentSays.response('Goodbye.', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    agent.drop(1000)
    speak(100)
    expect(ended).toEqual([])
    expect(twilio.closed).toBeUndefined()
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'agent_hung_up', marksReturned: 1 }])
  })

  test('does not wait for a mark that never comes', async () => {
    const { agent, ended, speak, turns } = await aTalk()
    agent.receive(agentSays.response('Goodbye.', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    agent.drop(1000)
    speak(180)
    expect(ended).toMatchObject([{ reason: 'agent_hung_up' }])
    expect(turns).toMatchObject([{ text: 'Goodbye.', heard: 'heard' }])
  })

  test('waits for a goodbye that a notice held back', async () => {
    const { agent, bridge, ended, speak, returnMarks, turns } = await aTalk()
    const outcome = bridge.playNotice(FILLER, 'low balance')
    agent.receive(agentSays.response('Goodbye.', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 3 * SECOND), 3))
    agent.drop(1000)
    speak(50)
    returnMarks()
    expect(await outcome).toBe('heard')
    speak(148)
    expect(ended).toEqual([])
    speak(2)
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'agent_hung_up' }])
    expect(turns).toMatchObject([{ text: 'Goodbye.', heard: 'heard' }])
  })

  test('comes at once when the agent hangs up with nothing left to play', async () => {
    const { agent, ended } = await aTalk()
    agent.drop(1000)
    expect(ended).toMatchObject([{ reason: 'agent_hung_up' }])
  })

  test('keeps its reason when the caller hangs up during the goodbye', async () => {
    const { agent, ended, twilio } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    agent.drop(1000)
    twilio.receive({ event: 'stop', stop: {} })
    expect(ended).toMatchObject([{ reason: 'agent_hung_up' }])
  })

  test('comes after twenty seconds without media', async () => {
    const { agent, ended, clock } = await aTalk()
    for (let second = 0; second < 19; second++) {
      agent.receive(agentSays.ping(second))
      clock.advance(1_000)
    }
    expect(ended).toEqual([])
    agent.receive(agentSays.ping(20))
    clock.advance(1_500)
    expect(ended).toMatchObject([{ reason: 'media_idle' }])
  })

  test('is polite for want of money: agent silenced, notice heard, then the end', async () => {
    const { agent, bridge, twilio, ended, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    speak(10)
    bridge.finish('funds_exhausted', FAREWELL)
    expect(agent.closed).toMatchObject({ code: 1000 })
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'clear', 'media', 'mark'])
    speak(50)
    expect(ended).toEqual([])
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'funds_exhausted' }])
  })

  test('comes within bounds though the mark of its notice never does', async () => {
    const { bridge, ended, speak } = await aTalk()
    bridge.finish('funds_exhausted', FAREWELL)
    speak(124)
    expect(ended).toEqual([])
    speak(2)
    expect(ended).toMatchObject([{ reason: 'funds_exhausted' }])
  })

  test('without a notice lets two seconds of speech be heard and no more', async () => {
    const { agent, bridge, ended, speak } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, 20 * SECOND), 3))
    bridge.finish('max_duration')
    speak(99)
    expect(ended).toEqual([])
    speak(2)
    expect(ended).toMatchObject([{ reason: 'max_duration' }])
  })

  test('is our own fault when a handler throws, and costs this call only', async () => {
    const failures: unknown[] = []
    const failed = (error: unknown) => void failures.push(error)
    const { bridge, ended, events } = await aTalk({ tape: failingTape(), failed })
    for (let frame = 0; frame < 2; frame++) bridge.handleTwilio(Buffer.from('{"event":"novelty"}'))
    expect(failures).toEqual([new Error('a tape that throws')])
    expect(ended).toMatchObject([{ reason: 'internal_error' }])
    expect(events).toContainEqual(expect.objectContaining({ kind: 'internal-error' }))
  })
})

describe('a peer that breaks the rules', () => {
  test.each([
    ['a binary message', (talk: Talk) => talk.twilio.receiveBytes(Buffer.from('x'), true), 1003],
    ['a message over 64 KiB', (talk: Talk) => talk.twilio.receive('x'.repeat(65_537)), 1009],
    ['a sixth malformed message', (talk: Talk) => repeat(6, () => talk.twilio.receive('{')), 1003],
    ['a flood', (talk: Talk) => repeat(251, () => talk.twilio.receive(mediaFrame(1, 0x10))), 1008],
  ])('with %s is closed', async (_, act, code) => {
    const talk = await aTalk()
    act(talk)
    expect(talk.ended).toMatchObject([{ reason: 'protocol_violation' }])
    expect(talk.twilio.closed).toMatchObject({ code })
  })

  test('is not one who returns all marks at once after a clear', async () => {
    const { agent, ended, returnMarks, twilio } = await aTalk()
    for (let index = 0; index < 400; index++) agent.receive(agentSays.audio(base64Of(0x41), 3))
    agent.receive(agentSays.interruption(3))
    returnMarks()
    expect(marksOf(twilio)).toHaveLength(400)
    expect(ended).toEqual([])
  })
})
type Talk = Awaited<ReturnType<typeof aTalk>>

describe('a lost agent', () => {
  test('is replaced by a conversation that knows what was said, and hears what was spoken meanwhile', async () => {
    const { agent, connecting, initiations, answer, speak, events, bridge, ended, returnMarks } =
      await aTalk()
    agent.receive(agentSays.response('Hello.', 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    speak(55)
    returnMarks()
    agent.receive(agentSays.transcript('Hi.', 2))
    agent.drop(1011)
    expect(connecting).toHaveLength(2)
    speak(10, 0x22)
    const second = await answer()
    speak(5)
    expect(initiations[1]).toMatchObject({
      attempt: 1,
      history: [{ text: 'Hello.', heard: 'heard' }, { text: 'Hi.' }],
    })
    expect(audioSentTo(second).slice(0, 10)).toEqual(Array(10).fill(base64Of(0x22)))
    expect(kinds(events)).toEqual(expect.arrayContaining(['agent-lost', 'agent-regained']))
    bridge.end('operator')
    expect(ended).toMatchObject([{ agentReconnects: 1, conversationIds: ['conv_1', 'conv_2'] }])
  })

  test('starts counting its events anew', async () => {
    const { agent, answer, twilio } = await aTalk()
    agent.receive(agentSays.interruption(50))
    agent.drop(1011)
    const second = await answer()
    second.receive(agentSays.audio(base64Of(0x42), 1))
    expect(eventsSentTo(twilio)).toEqual(['clear', 'media', 'mark'])
  })

  test('leaves a turn cut whose audio is too short for its words, though all that came was played', async () => {
    const { agent, bridge, speak, returnMarks, turns } = await aTalk()
    const sentence = 'We are open from nine in the morning until six in the evening, every day.'
    agent.receive(agentSays.response(sentence, 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.drop(1011)
    speak(60)
    returnMarks()
    bridge.end('operator')
    expect(turns).toMatchObject([{ text: sentence, heard: 'cut', heardText: 'We are open from' }])
  })

  test('leaves a turn heard whose audio is as long as its words take', async () => {
    const { agent, bridge, speak, returnMarks, turns } = await aTalk()
    agent.receive(agentSays.response('We open at nine.', 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.drop(1011)
    speak(60)
    returnMarks()
    bridge.end('operator')
    expect(turns).toMatchObject([{ heard: 'heard' }])
  })

  test('that hung up by itself had said all of its goodbye', async () => {
    const { agent, speak, returnMarks, turns } = await aTalk()
    agent.receive(agentSays.response('Goodbye, and thank you very much for calling us today.', 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.drop(1000)
    speak(60)
    returnMarks()
    expect(turns).toMatchObject([{ heard: 'heard' }])
  })

  test('and its successor are kept apart by 200 ms of silence', async () => {
    const { agent, answer, twilio } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.drop(1011)
    const second = await answer()
    second.receive(agentSays.audio(base64Of(0x42), 1))
    second.receive(agentSays.audio(base64Of(0x43), 1))
    const played = twilio.messages.flatMap(({ media }) =>
      media ? [(media as { payload: string }).payload] : [],
    )
    expect(played).toEqual([
      base64Of(0x41, SECOND),
      base64Of(0xff, 1_600),
      base64Of(0x42),
      base64Of(0x43),
    ])
  })

  test('and a successor that speaks after a pause need no silence between them', async () => {
    const { agent, answer, twilio, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.drop(1011)
    const second = await answer()
    speak(70)
    returnMarks()
    second.receive(agentSays.audio(base64Of(0x42), 1))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'media', 'mark'])
  })

  test('is tried twice, each for three seconds, then the caller hears a farewell', async () => {
    const { agent, connecting, speak, ended, twilio, returnMarks } = await aTalk()
    agent.drop(1011)
    speak(149)
    expect(connecting.map(({ attempt }) => attempt)).toEqual([0, 1])
    speak(20)
    expect(connecting.map(({ attempt }) => attempt)).toEqual([0, 1, 2])
    speak(150)
    expect(twilio.messages.at(-2)).toMatchObject({ media: { payload: payloadOf(FAREWELL) } })
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'agent_lost', agentReconnects: 0 }])
  })

  test('earns its tries anew only after half a minute', async () => {
    const bench = await aTalk()
    bench.agent.drop(1011)
    const second = await bench.answer()
    second.drop(1011)
    const third = await bench.answer()
    pass(bench, 31, third)
    third.drop(1011)
    const fourth = await bench.answer()
    fourth.drop(1011)
    const fifth = await bench.answer()
    fifth.drop(1011)
    expect(bench.connecting.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4])
    bench.returnMarks()
    expect(bench.ended).toMatchObject([{ reason: 'agent_lost' }])
  })

  test('that only went silent is noticed after ten seconds, whatever the socket says', async () => {
    const { agent, connecting, speak, events } = await aTalk()
    speak(480, 0xff)
    expect(connecting).toHaveLength(1)
    speak(50, 0xff)
    expect(connecting).toHaveLength(2)
    expect(agent.closed).toMatchObject({ code: 1000 })
    speak(5)
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'agent-lost', data: { why: 'silent' } }),
    )
  })

  test('that stays silent ends the call as silent', async () => {
    const { speak, returnMarks, ended } = await aTalk()
    speak(900, 0xff)
    returnMarks()
    expect(ended).toMatchObject([{ reason: 'agent_silent' }])
  })

  test('is closed before its metadata only once, not counted as a hang-up', async () => {
    const { agent, connecting, settle, speak, ended } = await aTalk()
    agent.drop(1011)
    const second = connecting[1]!.open()
    await settle()
    second.drop(1000)
    speak(20)
    expect(connecting).toHaveLength(3)
    expect(ended).toEqual([])
  })
})

describe('the caller never hears nothing for longer than six seconds', () => {
  const fillersTo = (twilio: { messages: Record<string, unknown>[] }) =>
    twilio.messages.filter(
      ({ media }) => (media as { payload?: string } | undefined)?.payload === payloadOf(FILLER),
    ).length

  test('when the agent is away', async () => {
    const { agent, speak, twilio } = await aTalk({ limits: { connectTimeoutMs: 60_000 } })
    agent.drop(1011)
    speak(240)
    expect(fillersTo(twilio)).toBe(0)
    speak(50)
    expect(fillersTo(twilio)).toBe(1)
    speak(50 * 6)
    expect(fillersTo(twilio)).toBe(2)
  })

  test('when the vendor went silent, before it is given up', async () => {
    const { speak, twilio, connecting } = await aTalk()
    speak(300)
    expect(fillersTo(twilio)).toBe(1)
    expect(connecting).toHaveLength(1)
  })

  test('when the agent owes an answer', async () => {
    const bench = await aTalk()
    bench.agent.receive(agentSays.transcript('Hello?', 1))
    pass(bench, 6, bench.agent)
    expect(fillersTo(bench.twilio)).toBe(1)
  })

  test('but a pause in which a well agent listens is left alone', async () => {
    const bench = await aTalk()
    pass(bench, 30, bench.agent)
    expect(fillersTo(bench.twilio)).toBe(0)
  })
})

describe('a notice', () => {
  test('clears the agent, holds it back and lets it go on when it was heard', async () => {
    const { agent, bridge, twilio, returnMarks, settle } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    const outcome = bridge.playNotice(FILLER, 'low balance')
    agent.receive(agentSays.audio(base64Of(0x42), 3))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'clear', 'media', 'mark'])
    returnMarks()
    await settle()
    expect(await outcome).toBe('heard')
    expect(twilio.messages.at(-2)).toMatchObject({ media: { payload: base64Of(0x42) } })
  })

  test('is not cleared by an interruption, which only drops what was held back', async () => {
    const { agent, bridge, twilio, returnMarks, ended } = await aTalk()
    const outcome = bridge.playNotice(FILLER, 'low balance')
    agent.receive(agentSays.audio(base64Of(0x42), 3))
    agent.receive(agentSays.audio(base64Of(0x43), 5))
    agent.receive(agentSays.interruption(4))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark'])
    returnMarks()
    expect(await outcome).toBe('heard')
    expect(twilio.messages.at(-2)).toMatchObject({ media: { payload: base64Of(0x43) } })
    bridge.end('operator')
    expect(ended).toMatchObject([{ lateDropped: 1 }])
  })

  test('is cut by another one and by the end', async () => {
    const { bridge } = await aTalk()
    const first = bridge.playNotice(FILLER, 'first')
    const second = bridge.playNotice(FILLER, 'second')
    bridge.end('operator')
    expect(await first).toBe('cut')
    expect(await second).toBe('cut')
  })

  test('lets the agent go on though its mark never comes', async () => {
    const { agent, bridge, speak, twilio } = await aTalk()
    const outcome = bridge.playNotice(FILLER, 'low balance')
    agent.receive(agentSays.audio(base64Of(0x42), 3))
    for (let second = 0; second < 3; second++) {
      agent.receive(agentSays.ping(second))
      speak(50)
    }
    expect(await outcome).toBe('cut')
    expect(twilio.messages.at(-2)).toMatchObject({ media: { payload: base64Of(0x42) } })
  })

  test('holds back two minutes of the agent at most', async () => {
    const { agent, bridge, ended } = await aTalk({ limits: { heldAgentBytes: 1_000 } })
    void bridge.playNotice(FILLER, 'low balance')
    for (let index = 0; index < 10; index++) agent.receive(agentSays.audio(base64Of(0x42), 3))
    bridge.end('operator')
    expect(ended).toMatchObject([{ downDropped: 6 }])
  })

  test('is written in pieces of a second', async () => {
    const { bridge, twilio } = await aTalk()
    void bridge.playNotice(new Uint8Array(2 * SECOND + 1), 'long')
    expect(eventsSentTo(twilio)).toEqual(['media', 'media', 'media', 'mark'])
    bridge.end('operator')
  })
})

test('both sockets are pinged every fifteen seconds', async () => {
  const bench = await aTalk()
  pass(bench, 31, bench.agent)
  expect([bench.twilio.pings, bench.agent.pings]).toEqual([2, 2])
})

test('keys pressed while there is no agent reach the next one', async () => {
  const { agent, twilio, answer } = await aTalk()
  agent.drop(1011)
  twilio.receive({ event: 'dtmf', dtmf: { digit: '7' } })
  const second = await answer()
  expect(ofType(second, 'contextual_update')).toHaveLength(1)
})

const repeat = (times: number, act: () => void) => {
  for (let time = 0; time < times; time++) act()
}

function failingTape(): TapeCall {
  return {
    write(kind) {
      if (kind === tapeKind.twilioIn) throw new Error('a tape that throws')
    },
    end() {},
  }
}
