import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SILENCE } from '../../speech/mulaw.ts'
import { type Json, readList, readNumber, readObject, readText } from '../json.ts'
import {
  API_KEY,
  aBench,
  anAgent,
  type Bench,
  CALLER_VOICE,
  Caller,
  settled,
  signedUrl,
} from '../testing.ts'
import { wireAudio } from './wire-audio.ts'

let bench: Bench
beforeEach(async () => {
  bench = await aBench({ timings: { pingMs: 40 } })
})
afterEach(async () => {
  await bench.vendor.close()
})

const GREETING = 'Hello, Northwind Dental.'
const idOf = (event: Json) =>
  readNumber(
    -1,
    Object.values(event).find((v) => typeof v === 'object'),
    'event_id',
  )

async function opened(url: string, headers = {}, protocols: string[] = []): Promise<Caller> {
  const caller = new Caller(bench, url, protocols, headers)
  await once(caller.socket, 'open')
  return caller
}

async function failure(initiation: Json, agent: Parameters<typeof anAgent>[1] = {}) {
  const caller = await Caller.to(bench, await anAgent(bench, agent), initiation)
  const { code } = await caller.end()
  const error = readObject(caller.of('error')[0], 'error_event')
  return { code, type: error.error_type, started: caller.of('conversation_initiation_metadata') }
}

test('metadata comes first, then the greeting as text and as audio the caller can hear', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response(GREETING)
  await caller.until('the greeting', () => caller.heardAll(GREETING))
  expect(caller.events[0]).toEqual({
    type: 'conversation_initiation_metadata',
    conversation_initiation_metadata_event: {
      conversation_id: caller.conversationId,
      agent_output_audio_format: 'ulaw_8000',
      user_input_audio_format: 'ulaw_8000',
    },
  })
  const aligned = caller
    .of('audio')
    .flatMap((e) => readList(e, 'audio_event', 'alignment', 'chars'))
  expect(aligned.join('')).toBe(GREETING)
  const ids = caller.events.slice(1).map(idOf)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(new Set(ids).size).toBe(ids.length)
  await caller.hangUp()
})

test.each([1, 7, 160, 701, 20_000])('speech in pieces of %i bytes is understood', async (bytes) => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response(GREETING)
  await caller.say('How much is a cleaning?', bytes)
  await caller.response('A cleaning costs ninety dollars.')
  const transcripts = caller
    .of('user_transcript')
    .map((e) => readText(e, 'user_transcription_event', 'user_transcript'))
  expect(transcripts).toEqual(['How much is a cleaning?'])
  const tentative = caller
    .of('tentative_user_transcript')
    .map((e) => readText(e, 'tentative_user_transcription_event', 'user_transcript'))
  expect(tentative.length).toBeGreaterThan(0)
  for (const text of tentative) expect('How much is a cleaning?').toContain(text)
  expect(bench.vendor.unrecognised).toBe(0)
  await caller.hangUp()
})

test('one wrong byte on the way is counted, noted with its place, and asked about', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  const { audio } = await bench.book.say('How much is a cleaning?', CALLER_VOICE)
  const harmed = Uint8Array.from(audio)
  harmed[4_000] = (harmed[4_000] ?? 0) ^ 1
  caller.sendAudio(harmed)
  caller.quiet(400)
  await caller.response('I am sorry, I could not understand that. Could you please say it again?')
  expect(bench.vendor.unrecognised).toBe(1)
  const [note] = bench.journal.entries({ vendor: 'elevenlabs', kind: 'note' })
  expect(note?.note).toBe('unrecognised speech')
  expect(readText(note?.body, 'nearest', 'utterance')).toBe('How much is a cleaning?')
  await caller.hangUp()
})

test('two sentences with a short pause are one turn, after a long pause they are two', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  for (const [pause, text] of [
    [150, 'How much is a cleaning?'],
    [400, 'Where are you?'],
  ] as const) {
    caller.sendAudio((await bench.book.say(text, CALLER_VOICE)).audio)
    caller.quiet(pause)
  }
  await caller.event('user_transcript')
  expect(
    readText(caller.of('user_transcript')[0], 'user_transcription_event', 'user_transcript'),
  ).toBe('How much is a cleaning? Where are you?')
  await caller.response('A cleaning costs ninety dollars. The practice is at 12 Harbour Street.')
  await caller.hangUp()
})

test('speaking into the agent for 100 ms stops it and corrects what it is held to have said', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response(GREETING)
  await caller.event('audio', 2)
  const { audio } = await bench.book.say('Where are you?', CALLER_VOICE)
  caller.sendAudio(audio.subarray(0, 640)) // 80 ms: a cough does not stop an agent
  await caller.event('ping', caller.of('ping').length + 2) // by then those bytes have been heard
  expect(caller.of('interruption')).toEqual([])
  caller.sendAudio(audio.subarray(640))
  caller.quiet(400)
  const interruption = await caller.event('interruption')
  const correction = await caller.event('agent_response_correction')
  const before = caller.events.slice(0, caller.events.indexOf(interruption))
  for (const audio of before.filter((e) => e.type === 'audio'))
    expect(idOf(audio)).toBeLessThan(idOf(interruption))
  const event = readObject(correction, 'agent_response_correction_event')
  expect(event.original_agent_response).toBe(GREETING)
  const said = String(event.corrected_agent_response).replace('…', '')
  expect(GREETING.startsWith(said)).toBe(true)
  expect(said.length).toBeLessThan(GREETING.length)

  await caller.response('The practice is at 12 Harbour Street.')
  const { conversationId } = caller
  await caller.hangUp()
  const detail = await settled(bench, conversationId)
  expect(readList(detail, 'transcript')[0]).toMatchObject({
    role: 'agent',
    interrupted: true,
    message: event.corrected_agent_response,
    original_message: GREETING,
  })
})

test('no audio of a cut answer is sent after its interruption', async () => {
  await bench.vendor.close()
  bench = await aBench({ timings: { chunkEveryMs: 100, chunkMs: 100 } })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('audio', 3)
  caller.sendAudio((await bench.book.say('Where are you?', CALLER_VOICE)).audio)
  const interruption = await caller.event('interruption')
  caller.quiet(400)
  await caller.response('The practice is at 12 Harbour Street.')
  await caller.until('the answer', () => caller.heardAll('The practice is at 12 Harbour Street.'))
  const at = caller.events.indexOf(interruption)
  const next = caller.events.findIndex((e, n) => n > at && e.type === 'agent_response')
  expect(caller.events.slice(at, next).filter((e) => e.type === 'audio')).toEqual([])
  for (const late of caller.events.slice(at + 1).filter((e) => e.type === 'audio'))
    expect(idOf(late)).toBeGreaterThan(idOf(interruption))
  await caller.hangUp()
})

test('a first message that may not be interrupted is said to its end', async () => {
  const config = { agent: { disable_first_message_interruptions: true } }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  await caller.event('audio')
  await caller.say('Where are you?')
  await caller.response('The practice is at 12 Harbour Street.')
  expect(caller.of('interruption')).toEqual([])
  await caller.until('the greeting', () => caller.heardAll(GREETING))
  await caller.hangUp()
})

test('a typed message takes a turn and silences the agent', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('audio')
  caller.send({ type: 'user_message', text: 'When are you open?' })
  await caller.event('interruption')
  await caller.response('We are open from nine to five on weekdays.')
  await caller.hangUp()
})

test('a contextual update makes no turn, and is known afterwards', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response(GREETING)
  const press = (digit: number) => ({
    type: 'contextual_update',
    context_id: 'keypad',
    text: `The caller pressed ${digit} on the keypad.`,
  })
  caller.send(press(4))
  caller.send(press(5))
  await caller.say('What did I press on the keypad?')
  await caller.response('The caller pressed 5 on the keypad.')
  expect(caller.responses()).toEqual([GREETING, 'The caller pressed 5 on the keypad.'])
  await caller.hangUp()
})

test('goodbye ends the call: the farewell is sent whole, then the tool is told, then 1000', async () => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response(GREETING)
  await caller.say('That is all, goodbye.')
  expect(await caller.end()).toEqual({ code: 1000, reason: 'end_call tool was called.' })
  expect(caller.heardTexts()).toContain('Thank you for calling. Goodbye.')
  const types = caller.events.map((event) => event.type)
  expect(types.lastIndexOf('audio')).toBeLessThan(types.indexOf('agent_tool_response'))
  const detail = await settled(bench, caller.conversationId)
  expect(readText(detail, 'metadata', 'termination_reason')).toBe('end_call tool was called.')
})

test('without the end_call tool the agent says goodbye and stays', async () => {
  const config = { agent: { prompt: { built_in_tools: { end_call: null } } } }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  await caller.response(GREETING)
  await caller.say('Goodbye.')
  await caller.response('Thank you for calling. Goodbye.')
  await caller.say('Where are you?')
  await caller.response('The practice is at 12 Harbour Street.')
  await caller.hangUp()
})

test('a client tool is called with what was said and its result is spoken', async () => {
  const tool = {
    type: 'client',
    name: 'check_slots',
    description: 'Finds free slots',
    expects_response: true,
    parameters: {
      type: 'object',
      properties: {
        day: { type: 'string', enum: ['Monday', 'Tuesday'], description: 'Day' },
        source: { type: 'string', constant_value: 'phone' },
      },
    },
  }
  const caller = await Caller.to(
    bench,
    await anAgent(bench, { config: { agent: { prompt: { tools: [tool] } } } }),
  )
  await caller.response(GREETING)
  await caller.say('Please check the slots on Tuesday.')
  const call = readObject(await caller.event('client_tool_call'), 'client_tool_call')
  expect(call).toMatchObject({
    tool_name: 'check_slots',
    parameters: { day: 'Tuesday', source: 'phone' },
  })
  caller.send({
    type: 'client_tool_result',
    tool_call_id: call.tool_call_id,
    result: '{"free_slots":"ten and eleven"}',
    is_error: false,
  })
  await caller.response('The free slots is ten and eleven.')
  await caller.hangUp()
})

test('an override is refused unless the agent allows it, and then it is followed', async () => {
  const initiation = { conversation_config_override: { agent: { first_message: 'Good evening.' } } }
  expect(await failure(initiation)).toMatchObject({
    code: 1008,
    type: 'override_error',
    started: [],
  })
  const platform = {
    auth: { enable_auth: true },
    overrides: { conversation_config_override: { agent: { first_message: true } } },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { platform }), initiation)
  await caller.response('Good evening.')
  await caller.hangUp()
})

test('a variable without a value refuses the start, with one it is spoken', async () => {
  const config = { agent: { first_message: 'Hello {{customer}}.' } }
  expect(await failure({}, { config })).toMatchObject({
    code: 1008,
    type: 'missing_dynamic_variable',
  })
  const caller = await Caller.to(bench, await anAgent(bench, { config }), {
    dynamic_variables: { customer: 'Ada' },
  })
  await caller.response('Hello Ada.')
  await caller.hangUp()
})

test.each([
  ['not JSON', '{'],
  ['an unknown type', '{"type":"nonsense"}'],
  ['audio that is not base64', '{"user_audio_chunk":"***"}'],
  ['a message without its fields', '{"type":"contextual_update"}'],
])('%s is refused as an invalid message', async (_what, raw) => {
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.event('conversation_initiation_metadata')
  caller.socket.send(raw)
  expect((await caller.end()).code).toBe(1008)
  expect(readText(caller.of('error')[0], 'error_event', 'error_type')).toBe('invalid_message')
})

test('a signature is good for its agent alone, one that names a conversation only once', async () => {
  const agentId = await anAgent(bench)
  const url = await signedUrl(bench, agentId, '&include_conversation_id=true')
  const first = await opened(url)
  first.send({ type: 'conversation_initiation_client_data' })
  await first.event('conversation_initiation_metadata')
  expect(first.conversationId).toBe(new URL(url).searchParams.get('conversation_id'))
  await first.hangUp()
  expect((await (await opened(url)).end()).code).toBe(3000)
  const forged = new URL(await signedUrl(bench, agentId))
  forged.searchParams.set('agent_id', await anAgent(bench))
  expect((await (await opened(forged.href)).end()).code).toBe(3000)
  forged.searchParams.set('agent_id', 'agent_none')
  expect((await (await opened(forged.href)).end()).code).toBe(1008)
})

test('without a signature the key opens the socket, and an open agent needs neither', async () => {
  const socketUrl = (agentId: string) =>
    `${bench.vendor.url.replace('http', 'ws')}/v1/convai/conversation?agent_id=${agentId}`
  const guarded = await anAgent(bench)
  expect((await (await opened(socketUrl(guarded))).end()).code).toBe(3000)
  const withKey = await opened(socketUrl(guarded), { 'xi-api-key': API_KEY })
  withKey.send({ type: 'conversation_initiation_client_data' })
  await withKey.event('conversation_initiation_metadata')
  await withKey.hangUp()
  const open = await anAgent(bench, { platform: { auth: { enable_auth: false } } })
  const browser = await opened(socketUrl(open), {}, ['convai'])
  expect(browser.socket.protocol).toBe('convai')
  browser.send({ type: 'conversation_initiation_client_data' })
  await browser.event('conversation_initiation_metadata')
  await browser.hangUp()
})

test.each([
  ['a source that is none of the published ones', { source_info: { source: 'my_own_client' } }],
  ['a version without end', { source_info: { source: 'unknown', version: 'v'.repeat(51) } }],
  ['a user that is no text', { user_id: 7 }],
  ['variables that are a list', { dynamic_variables: ['Ada'] }],
  [
    'half a second',
    { conversation_config_override: { conversation: { max_duration_seconds: 90.5 } } },
  ],
])('an initiation with %s is refused before any conversation begins', async (_what, initiation) => {
  expect(await failure(initiation)).toEqual({ code: 1008, type: 'invalid_message', started: [] })
})

test('an initiation may name a published source, and what the service knows no name for', async () => {
  const caller = await Caller.to(bench, await anAgent(bench), {
    source_info: { source: 'unknown', version: null },
    user_id: null,
    some_day: 'more',
  })
  await caller.event('conversation_initiation_metadata')
  await caller.hangUp()
})

test('only the events an agent names are sent, the metadata always', async () => {
  const config = { conversation: { client_events: ['audio'] } }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  await caller.until('the greeting', () => caller.heardAll(GREETING))
  expect(new Set(caller.events.map((event) => event.type))).toEqual(
    new Set(['conversation_initiation_metadata', 'audio']),
  )
  await caller.hangUp()
})

test('a browser agent speaks and hears 16 kHz PCM', async () => {
  const config = {
    asr: { user_input_audio_format: 'pcm_16000' },
    tts: { agent_output_audio_format: 'pcm_16000' },
  }
  const caller = await Caller.to(bench, await anAgent(bench, { config }))
  const first = await caller.event('audio')
  expect(Buffer.from(readText(first, 'audio_event', 'audio_base_64'), 'base64').length % 4).toBe(0)
  const pcm = wireAudio('pcm_16000')
  caller.sendAudio(
    pcm?.toWire((await bench.book.say('Where are you?', CALLER_VOICE)).audio) ?? new Uint8Array(),
  )
  caller.sendAudio(pcm?.toWire(new Uint8Array(3_200).fill(SILENCE)) ?? new Uint8Array())
  await caller.response('The practice is at 12 Harbour Street.')
  expect(bench.vendor.unrecognised).toBe(0)
  await caller.hangUp()
})
