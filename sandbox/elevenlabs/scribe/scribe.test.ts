import { once } from 'node:events'
import {
  AudioFormat,
  CommitStrategy,
  ElevenLabsClient,
  RealtimeEvents,
} from '@elevenlabs/elevenlabs-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { decode, SILENCE } from '../../speech/mulaw.ts'
import { readList, readObject, readText } from '../json.ts'
import { API_KEY, aBench, type Bench, CALLER_VOICE } from '../testing.ts'

let bench: Bench
let sdk: ElevenLabsClient
beforeEach(async () => {
  bench = await aBench()
  sdk = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: bench.vendor.url })
})
afterEach(async () => {
  await bench.vendor.close()
})

const AGENT_VOICE = 'en-gb/70/160'
const quiet = (ms: number) => new Uint8Array(ms * 8).fill(SILENCE)
const say = async (text: string, voice = CALLER_VOICE) => (await bench.book.say(text, voice)).audio
const base64 = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('base64')

test('the SDK hears partial texts while somebody speaks, and the whole after a pause', async () => {
  const realtime = await sdk.speechToText.realtime.connect({
    modelId: 'scribe_v2_realtime',
    audioFormat: AudioFormat.ULAW_8000,
    sampleRate: 8_000,
    commitStrategy: CommitStrategy.VAD,
    vadSilenceThresholdSecs: 0.5,
    languageCode: 'en',
    includeTimestamps: true,
  })
  const { promise: committed, resolve, reject } = Promise.withResolvers<unknown>()
  const partial: string[] = []
  realtime.on(RealtimeEvents.ERROR, reject)
  realtime.on(RealtimeEvents.PARTIAL_TRANSCRIPT, (event) => partial.push(readText(event, 'text')))
  realtime.on(RealtimeEvents.COMMITTED_TRANSCRIPT_WITH_TIMESTAMPS, resolve)
  const speech = await say('I am looking for a quote.')
  realtime.on(RealtimeEvents.SESSION_STARTED, () =>
    realtime.send({ audioBase64: base64(quiet(1_000), speech, quiet(600)) }),
  )
  const event = await committed
  realtime.close()
  expect(readText(event, 'text')).toBe('I am looking for a quote.')
  expect(partial).toContain('I am looking')
  const [first] = readList(event, 'words')
  expect(first).toMatchObject({ text: 'I', type: 'word', start: 1 })
})

test('by hand nothing is committed until it is asked for', async () => {
  const socket = await opened('&commit_strategy=manual', { 'xi-api-key': API_KEY })
  const speech = await say('One thing.')
  socket.say({ audio_base_64: base64(speech, quiet(3_000)), commit: false })
  socket.say({ audio_base_64: '', commit: true })
  await socket.event('committed_transcript')
  const types = socket.events.map((event) => readText(event, 'message_type'))
  expect(types[0]).toBe('session_started')
  expect(types.at(-1)).toBe('committed_transcript')
  expect(types.filter((type) => type === 'committed_transcript')).toHaveLength(1)
  socket.ws.close()
})

test('damaged speech is counted and left as inaudible', async () => {
  const socket = await opened('&commit_strategy=vad', { 'xi-api-key': API_KEY })
  const speech = Uint8Array.from(await say('One thing.'))
  speech[900] = (speech[900] ?? 0) ^ 4
  socket.say({ audio_base_64: base64(speech, quiet(2_000)), commit: false })
  expect(readText(await socket.event('committed_transcript'), 'text')).toBe('[inaudible]')
  expect(bench.vendor.unrecognised).toBe(1)
  socket.ws.close()
})

test('a token opens one session, no key and wrong options are told and closed', async () => {
  const { token } = await sdk.tokens.singleUse.create('realtime_scribe')
  const first = await opened(`&token=${token}`)
  await first.event('session_started')
  first.ws.close()
  await (await opened(`&token=${token}`)).event('auth_error')
  await (await opened('')).event('auth_error')
  await (await opened('&commit_strategy=later', { 'xi-api-key': API_KEY })).event('invalid_request')
})

test('a stereo recording is transcribed with the speaker of each channel', async () => {
  const caller = await say('Where are you?')
  const agent = await say('At the harbour.', AGENT_VOICE)
  const left = Buffer.concat([caller, quiet(1_000), quiet(agent.length / 8), quiet(400)])
  const right = Buffer.concat([quiet(caller.length / 8 + 1_000), agent])
  const file = new File([stereoWav(left, right)], 'call.wav', { type: 'audio/wav' })
  const combined = await sdk.speechToText.convert({
    modelId: 'scribe_v2',
    file,
    useMultiChannel: true,
    multichannelOutputStyle: 'combined',
  })
  expect(readText(combined, 'text')).toBe('Where are you? At the harbour.')
  const channels = readList(combined, 'words')
    .filter((word) => readObject(word).type === 'word')
    .map((word) => readObject(word).channelIndex)
  expect(channels).toEqual([0, 0, 0, 1, 1, 1])
  const separate = await sdk.speechToText.convert({
    modelId: 'scribe_v2',
    file,
    useMultiChannel: true,
  })
  expect(readList(separate, 'transcripts').map((part) => readText(part, 'text'))).toEqual([
    'Where are you?',
    'At the harbour.',
  ])
  expect(bench.vendor.unrecognised).toBe(0)
})

test('a file that is no WAV is refused', async () => {
  const file = new File([Buffer.from('hello')], 'x.mp3', { type: 'audio/mpeg' })
  await expect(sdk.speechToText.convert({ modelId: 'scribe_v2', file })).rejects.toMatchObject({
    statusCode: 400,
  })
})

async function opened(query: string, headers = {}) {
  const origin = bench.vendor.url.replace('http', 'ws')
  const ws = new WebSocket(
    `${origin}/v1/speech-to-text/realtime?model_id=scribe_v2_realtime&audio_format=ulaw_8000${query}`,
    { headers },
  )
  const events: unknown[] = []
  ws.on('message', (data) => events.push(JSON.parse(String(data))))
  await once(ws, 'open')
  return {
    ws,
    events,
    say: (chunk: { audio_base_64: string; commit: boolean }) =>
      ws.send(JSON.stringify({ message_type: 'input_audio_chunk', sample_rate: 8_000, ...chunk })),
    async event(type: string): Promise<unknown> {
      for (;;) {
        const found = events.find((event) => readText(event, 'message_type') === type)
        if (found) return found
        if (ws.readyState === ws.CLOSED) throw new Error(`closed without ${type}`)
        await Promise.race([once(ws, 'message'), once(ws, 'close')])
      }
    },
  }
}

function stereoWav(left: Uint8Array, right: Uint8Array): Buffer {
  const [a, b] = [decode(left), decode(right)]
  const length = Math.max(a.length, b.length)
  const wav = Buffer.alloc(44 + length * 4)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + length * 4, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(2, 22)
  wav.writeUInt32LE(8_000, 24)
  wav.writeUInt32LE(32_000, 28)
  wav.writeUInt16LE(4, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(length * 4, 40)
  for (let i = 0; i < length; i++) {
    wav.writeInt16LE(a[i] ?? 0, 44 + i * 4)
    wav.writeInt16LE(b[i] ?? 0, 46 + i * 4)
  }
  return wav
}
