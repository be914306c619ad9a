import { describe, expect, test } from 'vitest'
import { agentSays } from './agent/phrases-testing.ts'
import {
  aBridge,
  audioSentTo,
  base64Of,
  eventsSentTo,
  FRAME_MS,
  marksOf,
  mediaFrame,
  ofType,
} from './bridge-testing.ts'

const SECOND = 8_000
const kinds = (events: { kind: string }[]) => events.map(({ kind }) => kind)

async function aTalk(options: Parameters<typeof aBridge>[0] = {}) {
  const bench = aBridge(options)
  bench.bridge.start()
  const agent = await bench.answer()
  bench.speak(1)
  return { ...bench, agent }
}

describe("the caller's audio", () => {
  test('reaches the agent unchanged, frame by frame, in the tick in which it came', async () => {
    const { agent, twilio } = await aTalk()
    twilio.receive(mediaFrame(1, 0x21))
    expect(agent.sent.at(-1)).toBe(`{"user_audio_chunk":"${base64Of(0x21)}"}`)
  })

  test('is kept while no agent has answered, and given to it first, in order', async () => {
    const { bridge, speak, answer, twilio } = aBridge()
    bridge.start()
    speak(2, 0x11)
    speak(1, 0x12)
    const agent = await answer()
    twilio.receive(mediaFrame(3, 0x13))
    expect(audioSentTo(agent)).toEqual([0x11, 0x11, 0x12, 0x13].map((byte) => base64Of(byte)))
  })

  test('is kept for five seconds at most; the oldest goes, and is counted', async () => {
    const { bridge, speak, answer, clock } = aBridge({
      limits: { connectTimeoutMs: 60_000, startBudgetMs: 60_000 },
    })
    bridge.start()
    speak(10, 0x11)
    speak(250, 0x12)
    const agent = await answer()
    expect(audioSentTo(agent)).toEqual(Array(250).fill(base64Of(0x12)))
    bridge.end('operator')
    expect(clock.pending()).toBe(0)
  })

  test('is dropped past 24 KB unsent, counted, and goes on when the socket drains', async () => {
    const { agent, twilio, bridge, ended } = await aTalk()
    agent.unsentBytes = 24 * 1_024 + 1
    twilio.receive(mediaFrame(1, 0x21))
    agent.unsentBytes = 0
    twilio.receive(mediaFrame(2, 0x22))
    bridge.end('operator')
    expect(audioSentTo(agent).slice(1)).toEqual([base64Of(0x22)])
    expect(ended[0]).toMatchObject({ upDropped: 1, framesUp: 3, bytesUp: 480 })
  })

  test('passes in a frame of another shape too', async () => {
    const { agent, twilio } = await aTalk()
    twilio.receive({ event: 'media', media: { timestamp: '20', payload: base64Of(0x31) } })
    expect(agent.sent.at(-1)).toBe(`{"user_audio_chunk":"${base64Of(0x31)}"}`)
  })

  test('is only what the caller says: the other track is not sent up', async () => {
    const { agent, twilio } = await aTalk()
    twilio.receive(mediaFrame(1, 0x21).replace('"inbound"', '"outbound"'))
    twilio.receive({
      event: 'media',
      media: { track: 'outbound', timestamp: '20', payload: 'AAAA' },
    })
    expect(audioSentTo(agent)).toHaveLength(1)
  })

  test('leaves room for the head that a codec writes, and is not read after it was sent', async () => {
    const { agent, twilio } = await aTalk({ headroom: 8 })
    twilio.receive(mediaFrame(1, 0x21))
    agent.receive(agentSays.audio(base64Of(0x41), 1))
    expect(agent.sent.at(-1)).toBe(`{"user_audio_chunk":"${base64Of(0x21)}"}`)
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark'])
  })
})

describe("the agent's audio", () => {
  test('goes to Twilio in the same tick, each chunk followed by a mark with its event id', async () => {
    const { agent, twilio } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41), 7))
    agent.receive(agentSays.audio(base64Of(0x42), 7))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'media', 'mark'])
    expect(twilio.messages[2]).toMatchObject({ media: { payload: base64Of(0x42) } })
    expect(marksOf(twilio)).toEqual(['7.0', '7.1'])
  })

  test('passes in a message of another shape too', async () => {
    const { agent, twilio } = await aTalk()
    agent.receive({ audio_event: { event_id: 1, audio_base_64: base64Of(0x41) }, type: 'audio' })
    expect(twilio.messages[0]).toMatchObject({ media: { payload: base64Of(0x41) } })
  })

  test('is given up while Twilio does not read, and counted', async () => {
    const { agent, twilio, bridge, ended } = await aTalk()
    twilio.unsentBytes = 262_145
    agent.receive(agentSays.audio(base64Of(0x41), 1))
    bridge.end('operator')
    expect(twilio.sent).toEqual([])
    expect(ended[0]).toMatchObject({ downDropped: 1, framesDown: 0 })
  })
})

describe('an interruption', () => {
  test('clears in the same tick and drops what comes late of the old speech', async () => {
    const { agent, twilio, bridge, ended } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 3))
    agent.receive(agentSays.interruption(4))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'clear'])

    agent.receive(agentSays.audio(base64Of(0x41), 3))
    agent.receive(agentSays.audio(base64Of(0x41), 4))
    agent.receive(agentSays.audio(base64Of(0x42), 5))
    expect(eventsSentTo(twilio)).toEqual(['media', 'mark', 'clear', 'media', 'mark'])
    bridge.end('operator')
    expect(ended[0]).toMatchObject({ lateDropped: 2, interruptions: 1 })
  })

  test('leaves the turn cut at the word that was being played', async () => {
    const { agent, turns, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.response('one two three four five six seven eight', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 4 * SECOND), 3))
    speak(100)
    agent.receive(agentSays.interruption(4))
    returnMarks()
    speak(100)
    expect(turns).toMatchObject([
      {
        speaker: 'agent',
        heard: 'cut',
        heardText: 'one two three four',
        startMs: 20,
        endMs: 2_020,
        eventId: 3,
      },
    ])
  })

  test('counts a chunk as heard whose mark came back before it', async () => {
    const { agent, turns, speak, returnMarks, twilio } = await aTalk()
    agent.receive(agentSays.response('first second', 3))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 3))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 3))
    // Twilio's word counts, however early it seems by our own reckoning.
    returnMarks([marksOf(twilio)[0]!])
    agent.receive(agentSays.interruption(4))
    speak(100)
    expect(turns).toMatchObject([{ heard: 'cut', heardText: 'first' }])
  })

  test('of speech that was wholly heard leaves the turn heard', async () => {
    const { agent, turns, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.response('Hello.', 3))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 3))
    speak(50)
    returnMarks()
    agent.receive(agentSays.interruption(4))
    speak(60)
    expect(turns).toMatchObject([{ text: 'Hello.', heard: 'heard', startMs: 20, endMs: 1_020 }])
  })

  test("takes the vendor's correction for what was heard", async () => {
    const { agent, turns, speak } = await aTalk()
    agent.receive(agentSays.response('Sure, which day suits you?', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    speak(50)
    agent.receive(agentSays.interruption(4))
    agent.receive(agentSays.correction('Sure, which day suits you?', 'Sure, which…', 3))
    speak(5)
    expect(turns).toMatchObject([
      { text: 'Sure, which day suits you?', heard: 'cut', heardText: 'Sure, which…' },
    ])
  })

  test('tells a turn again under its number when the correction comes late', async () => {
    const { agent, turns, speak } = await aTalk()
    agent.receive(agentSays.response('Sure, which day suits you?', 3))
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 3))
    speak(50)
    agent.receive(agentSays.interruption(4))
    speak(100)
    agent.receive(agentSays.correction('Sure, which day suits you?', 'Sure, which…', 3))
    speak(5)
    expect(turns.map(({ seq }) => seq)).toEqual([0, 0])
    expect(turns[1]).toMatchObject({ heard: 'cut', heardText: 'Sure, which…' })
  })
})

describe('a turn', () => {
  test('of the agent is told as heard once all its marks are back', async () => {
    const { agent, turns, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.response('Hello.', 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    speak(100)
    expect(turns).toEqual([])
    returnMarks()
    speak(60)
    expect(turns).toEqual([
      {
        seq: 0,
        speaker: 'agent',
        text: 'Hello.',
        startMs: 20,
        endMs: 2_020,
        heard: 'heard',
        eventId: 1,
      },
    ])
  })

  test('of the agent may have its text after its audio, and other ids on its chunks', async () => {
    const { agent, turns, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 2))
    agent.receive(agentSays.response('Hello.', 3))
    speak(100)
    returnMarks()
    speak(60)
    expect(turns).toMatchObject([{ text: 'Hello.', heard: 'heard', endMs: 2_020 }])
  })

  test('of the agent that was never played says so', async () => {
    const { agent, turns, speak } = await aTalk()
    agent.receive(agentSays.interruption(5))
    agent.receive(agentSays.response('Too late.', 5))
    agent.receive(agentSays.audio(base64Of(0x41), 5))
    agent.receive(agentSays.transcript('What?', 6))
    speak(100)
    expect(turns.find(({ speaker }) => speaker === 'agent')).toMatchObject({
      text: 'Too late.',
      heard: 'never_played',
    })
  })

  test('of the caller is told with the time of the speech, not of its transcript', async () => {
    const { agent, turns, speak } = await aTalk()
    // The frame with which every test begins is a click, long forgotten when speech begins.
    speak(119, 0xff)
    speak(50, 0x10)
    speak(40, 0xff)
    agent.receive(agentSays.transcript('I need a slot', 2))
    speak(5, 0xff)
    expect(turns).toEqual([
      {
        seq: 0,
        speaker: 'customer',
        text: 'I need a slot',
        startMs: 2_400,
        endMs: 3_380,
        heard: 'heard',
        eventId: 2,
      },
    ])
  })

  test('parts two utterances of the agent at the words of the caller between them', async () => {
    const { agent, turns, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.response('Hello.', 1))
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    speak(55)
    returnMarks()
    agent.receive(agentSays.transcript('Hi.', 2))
    agent.receive(agentSays.audio(base64Of(0x42, SECOND), 3))
    agent.receive(agentSays.response('How are you?', 3))
    speak(55)
    returnMarks()
    speak(60)
    expect(turns.map(({ text }) => text).sort()).toEqual(['Hello.', 'Hi.', 'How are you?'])
    expect(turns.map(({ heard }) => heard)).toEqual(['heard', 'heard', 'heard'])
  })

  test('still open when the call ends is told with what was heard of it', async () => {
    const { agent, turns, speak, bridge } = await aTalk()
    agent.receive(agentSays.response('one two three four', 1))
    agent.receive(agentSays.audio(base64Of(0x41, 2 * SECOND), 1))
    speak(50)
    bridge.end('operator')
    expect(turns).toMatchObject([{ heard: 'cut', heardText: 'one two' }])
  })

  test('is no turn when audio was played for which no words ever came', async () => {
    const { agent, turns, events, speak, returnMarks } = await aTalk()
    agent.receive(agentSays.audio(base64Of(0x41, SECOND), 1))
    speak(55)
    returnMarks()
    agent.receive(agentSays.transcript('Hm?', 2))
    speak(50)
    expect(turns.filter(({ speaker }) => speaker === 'agent')).toEqual([])
    expect(kinds(events)).toContain('agent-wordless')
  })
})

describe('a key on the phone', () => {
  test('reaches the agent at once, and the listener', async () => {
    const { agent, twilio, events, speak } = await aTalk()
    twilio.receive({ event: 'dtmf', dtmf: { track: 'inbound_track', digit: '5' } })
    expect(ofType(agent, 'contextual_update')).toMatchObject([
      { text: 'The caller pressed 5 on the keypad.' },
    ])
    speak(5)
    expect(events).toContainEqual({ kind: 'dtmf', atMs: 20, data: { digit: '5' } })
  })

  test('that follows within 1.5 seconds is told as one number that takes the place of the first', async () => {
    const { agent, twilio, speak } = await aTalk()
    twilio.receive({ event: 'dtmf', dtmf: { digit: '4' } })
    speak(50)
    twilio.receive({ event: 'dtmf', dtmf: { digit: '2' } })
    speak(80)
    twilio.receive({ event: 'dtmf', dtmf: { digit: '#' } })
    const updates = ofType(agent, 'contextual_update')
    expect(updates.map(({ text }) => text)).toEqual([
      'The caller pressed 4 on the keypad.',
      'The caller pressed 42 on the keypad.',
      'The caller pressed # on the keypad.',
    ])
    const [first, second, third] = updates.map(({ context_id }) => context_id)
    expect(first).toBe(second)
    expect(third).not.toBe(first)
  })

  test('pressed before an agent answers is told when it does', async () => {
    const { bridge, twilio, answer } = aBridge()
    bridge.start()
    twilio.receive({ event: 'dtmf', dtmf: { digit: '4' } })
    twilio.receive({ event: 'dtmf', dtmf: { digit: '2' } })
    const agent = await answer()
    expect(ofType(agent, 'contextual_update').map(({ text }) => text)).toEqual([
      'The caller pressed 42 on the keypad.',
    ])
  })
})

describe('words that are typed', () => {
  test('take a turn at once, and how long the words of the answer took is told', async () => {
    const { agent, twilio, turns, events, speak } = await aTalk({ takesText: true })
    twilio.receive({ event: 'typing' })
    twilio.receive({ event: 'text', text: ' When are you open? ' })
    expect(agent.messages.slice(-2)).toEqual([
      { type: 'user_activity' },
      { type: 'user_message', text: 'When are you open?' },
    ])
    speak(30)
    agent.receive(agentSays.response('From eight to five.', 7))
    speak(5)
    expect(turns).toMatchObject([{ speaker: 'customer', text: 'When are you open?' }])
    expect(events).toContainEqual({
      kind: 'agent-answered',
      atMs: expect.any(Number),
      data: { latencyMs: 30 * FRAME_MS, to: 'text' },
    })
  })

  test('before an agent answers are kept, as many as somebody types, and read to it in order', async () => {
    const { bridge, twilio, answer } = aBridge({ takesText: true })
    bridge.start()
    for (let sentence = 0; sentence < 20; sentence++)
      twilio.receive({ event: 'text', text: `Sentence ${sentence}.` })
    const agent = await answer()
    const read = ofType(agent, 'user_message').map(({ text }) => text)
    expect(read).toEqual(Array.from({ length: 16 }, (_, at) => `Sentence ${at}.`))
  })

  test('are not taken from a carrier, nor empty, nor without end', async () => {
    const phone = await aTalk()
    phone.twilio.receive({ event: 'text', text: 'Let me in.' })
    phone.twilio.receive({ event: 'typing' })
    const browser = await aTalk({ takesText: true })
    for (const text of ['', '   ', 'x'.repeat(2_001), 7])
      browser.twilio.receive({ event: 'text', text })
    for (const { agent, turns } of [phone, browser]) {
      expect(ofType(agent, 'user_message')).toEqual([])
      expect(ofType(agent, 'user_activity')).toEqual([])
      expect(turns).toEqual([])
    }
  })
})

test('how long the agent took is told once for each spoken turn, from its last sound', async () => {
  const { agent, events, speak } = await aTalk()
  speak(50)
  speak(25, 0xff)
  agent.receive(agentSays.transcript('How much is it?', 5))
  agent.receive(agentSays.audio(base64Of(0x22), 6))
  agent.receive(agentSays.audio(base64Of(0x22), 7))
  speak(5)
  const answered = events.filter(({ kind }) => kind === 'agent-answered')
  expect(answered).toHaveLength(1)
  expect(answered[0]?.data).toMatchObject({ to: 'speech' })
  expect(Math.abs(Number(answered[0]?.data?.latencyMs) - 25 * FRAME_MS)).toBeLessThan(100)
})

describe("the vendor's other messages", () => {
  test('a ping is answered at once with its id', async () => {
    const { agent } = await aTalk()
    agent.receive(agentSays.ping(12))
    expect(agent.sent.at(-1)).toBe('{"type":"pong","event_id":12}')
  })

  test('a client tool is refused, since the agent would wait for it', async () => {
    const { agent } = await aTalk()
    agent.receive({
      type: 'client_tool_call',
      client_tool_call: { tool_name: 'open_page', tool_call_id: 'tc_1' },
    })
    expect(agent.messages.at(-1)).toMatchObject({
      type: 'client_tool_result',
      tool_call_id: 'tc_1',
      is_error: true,
    })
  })

  test('an approval nobody can give is refused', async () => {
    const { agent } = await aTalk()
    const call = { tool_call_id: 't', tool_name: 'pay', state: 'awaiting_approval' }
    agent.receive({ type: 'mcp_tool_call', mcp_tool_call: call })
    expect(agent.messages.at(-1)).toEqual({
      type: 'mcp_tool_approval_result',
      tool_call_id: 't',
      is_approved: false,
    })
  })

  test('tools, guardrails and errors become events', async () => {
    const { agent, events, speak } = await aTalk()
    const tool = { tool_name: 'end_call', tool_call_id: 't', tool_type: 'system' }
    agent.receive({ type: 'agent_tool_request', agent_tool_request: tool })
    agent.receive({
      type: 'agent_tool_response',
      agent_tool_response: { ...tool, is_error: false },
    })
    agent.receive({
      type: 'agent_tool_response_full_payload',
      agent_tool_response_full_payload: { ...tool, is_error: true },
    })
    agent.receive({
      type: 'mcp_connection_status',
      mcp_connection_status: { integrations: [{ integration_id: 'm', is_connected: false }] },
    })
    agent.receive({ type: 'guardrail_triggered' })
    agent.receive({
      type: 'error',
      error_event: { code: 1008, error_type: 'missing_dynamic_variable' },
    })
    speak(5)
    expect(events.map(({ kind, data }) => [kind, data])).toEqual([
      ['tool-call', { tool: 'end_call' }],
      ['tool-result', { tool: 'end_call', isError: false }],
      ['tool-result', { tool: 'end_call', isError: true }],
      ['mcp-status', { servers: 1, lost: 1 }],
      ['guardrail', undefined],
      ['vendor-error', { code: 1008, type: 'missing_dynamic_variable' }],
    ])
  })

  test('unknown and malformed ones are counted and harm nothing', async () => {
    const { agent, twilio, bridge, ended } = await aTalk()
    agent.receive({ type: 'vad_score', vad_score_event: { vad_score: 0.5 } })
    agent.receive({ type: 'vad_score', vad_score_event: { vad_score: 0.6 } })
    agent.receive({ type: 'interruption' })
    agent.receive('{')
    twilio.receive({ event: 'novelty' })
    twilio.receive({ event: 'mark', mark: { name: 'never sent' } })
    for (let index = 0; index < 100; index++) agent.receive({ type: `invented_${index}` })
    bridge.end('operator')
    expect(ended[0]?.unknownEvents).toMatchObject({
      vad_score: 2,
      'malformed interruption': 1,
      'malformed message': 1,
      'twilio novelty': 1,
      'mark nobody waits for': 1,
    })
    expect(Object.keys(ended[0]?.unknownEvents ?? {}).length).toBeLessThan(40)
  })

  test('tentative words are told in batches, the newest only', async () => {
    const { agent, tentative, clock } = await aTalk()
    agent.receive(agentSays.tentative('I', 2))
    agent.receive(agentSays.tentative('I need', 2))
    expect(tentative).toEqual([])
    clock.advance(100)
    expect(tentative).toEqual([{ speaker: 'customer', text: 'I need' }])
  })
})

describe('what a listener is told', () => {
  test('comes outside the frame handlers, and a listener that throws ends nothing', async () => {
    let told = 0
    const { agent, bridge, clock, twilio } = await aTalk({
      listener: {
        event: () => {
          told++
          throw new Error('a broken listener')
        },
      },
    })
    agent.receive(agentSays.interruption(1))
    expect(told).toBe(0)
    clock.advance(100)
    expect(told).toBe(1)
    twilio.receive(mediaFrame(9, 0x21))
    expect(bridge.mediaMs).toBe(200)
  })

  test('includes the loudness of both sides, and silence when nobody speaks', async () => {
    const { agent, bridge, speak } = await aTalk()
    speak(10, 0x05)
    agent.receive(agentSays.audio(base64Of(0x05, SECOND), 1))
    const loud = bridge.levels()
    expect(loud.customer).toBeGreaterThan(0.3)
    expect(loud.agent).toBeGreaterThan(0.3)
    speak(60, 0xff)
    expect(bridge.levels()).toEqual({ customer: 0, agent: 0 })
  })
})

describe('the metered time', () => {
  test("runs by Twilio's stamps from the first frame", async () => {
    const { bridge, speak } = await aTalk()
    expect(bridge.mediaMs).toBe(20)
    speak(99)
    expect(bridge.mediaMs).toBe(2_000)
  })

  test('never falls and never runs far ahead of our own clock, whatever the stamps say', async () => {
    const { bridge, twilio, speak } = await aTalk()
    speak(10)
    twilio.receive(mediaFrame(1, 0x10))
    expect(bridge.mediaMs).toBe(220)
    twilio.receive(mediaFrame(500, 0x10))
    expect(bridge.mediaMs).toBe(1_200)
  })
})
