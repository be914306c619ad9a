import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { SAMPLE_RATE } from '../../speech/mulaw.ts'
import { newId } from '../ids.ts'
import type { Json } from '../json.ts'
import { formOf } from '../multipart.ts'
import { badRequest, notFound, unprocessable } from '../problems.ts'
import { timedWords } from '../scribe/realtime.ts'
import { wavChannels } from '../scribe/wav.ts'
import { textOf } from '../talk/damage.ts'
import { type HeardWord, Hearing } from '../talk/hearing.ts'
import type { World } from '../world.ts'

const MODELS = ['scribe_v1', 'scribe_v2']
const PAUSE_MS = 500 // a pause this long ends a sentence
const MAX_KEPT = 200 // transcripts that can be asked for again
const BASE = '/v1/speech-to-text'

export function transcriptionRoutes(app: FastifyInstance, world: World): void {
  const kept = new Map<string, Json>()

  app.post(BASE, async (request) => {
    const form = await formOf(request)
    if (!MODELS.includes(String(form.get('model_id'))))
      throw unprocessable({ loc: ['body', 'model_id'], msg: 'Field required', type: 'missing' })
    const file = form.get('file')
    if (file === null || typeof file === 'string')
      throw badRequest('invalid_parameters', 'Exactly one of file or source_url is needed.')
    const channels = wavChannels(Buffer.from(await file.arrayBuffer()))
    if (!channels)
      throw badRequest('invalid_parameters', 'The sandbox hears WAV with PCM16 or mu-law only.')
    const id = newId('', 20)
    const transcript = await transcribe(world, channels, {
      isMultichannel: form.get('use_multi_channel') === 'true',
      isCombined: form.get('multichannel_output_style') === 'combined',
      isDiarized: form.get('diarize') === 'true',
    })
    const answer = { ...transcript, transcription_id: id }
    kept.set(id, answer)
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break
      kept.delete(oldest)
    }
    return answer
  })

  app.get<{ Params: { id: string } }>(`${BASE}/transcripts/:id`, async (request) => {
    const found = kept.get(request.params.id)
    if (!found) throw notFound('Transcript', request.params.id)
    return found
  })

  app.delete<{ Params: { id: string } }>(`${BASE}/transcripts/:id`, async (request, reply) => {
    if (!kept.delete(request.params.id)) throw notFound('Transcript', request.params.id)
    return reply.type('application/json').send('null')
  })

  app.post<{ Params: { kind: string } }>('/v1/single-use-token/:kind', async (request) => {
    if (request.params.kind !== 'realtime_scribe') throw notFound('Token type', request.params.kind)
    return { token: world.signedUrls.issue('realtime_scribe', 'once') }
  })
}

type ChannelWord = HeardWord & { channel: number }

async function transcribe(
  world: World,
  channels: Uint8Array[],
  how: { isMultichannel: boolean; isCombined: boolean; isDiarized: boolean },
): Promise<Json> {
  const heard: ChannelWord[][] = []
  for (const [channel, audio] of channels.entries())
    heard.push((await wordsOf(world, audio)).map((word) => ({ ...word, channel })))
  const seconds = Math.max(...channels.map((audio) => audio.length)) / SAMPLE_RATE
  if (how.isMultichannel && !how.isCombined)
    return {
      transcripts: heard.map((words, channel) => ({
        ...chunk(words, how),
        channel_index: channel,
      })),
      audio_duration_secs: seconds,
    }
  const inTime = heard.flat().sort((a, b) => a.startMs - b.startMs)
  return { ...chunk(inTime, how), audio_duration_secs: seconds }
}

function chunk(words: ChannelWord[], how: { isMultichannel: boolean; isDiarized: boolean }): Json {
  const timed = timedWords({ words })
  return {
    language_code: 'eng',
    language_probability: words.length > 0 ? 1 : 0,
    text: words.map((word) => word.text).join(' '),
    words: timed.map((word, n) => {
      // Words and the spaces between them alternate.
      const channel = words[Math.ceil(n / 2)]?.channel ?? 0
      return {
        ...word,
        channel_index: how.isMultichannel ? channel : null,
        ...(how.isDiarized ? { speaker_id: `speaker_${channel}` } : {}),
      }
    }),
  }
}

/** What is said on one channel; damaged speech leaves a mark where it was. */
async function wordsOf(world: World, audio: Uint8Array): Promise<HeardWord[]> {
  const words: HeardWord[] = []
  let heardMs = 0
  const hearing = new Hearing({
    book: world.book,
    endOfTurnMs: PAUSE_MS,
    onStart: () => {},
    onWords: () => {},
    onTurn: (turn) => {
      words.push(...turn.words)
      if (!turn.damage) return
      const text = textOf(world, { ...turn, text: '' }, BASE)
      words.push({ text, startMs: heardMs, endMs: heardMs })
    },
  })
  for (let at = 0; at < audio.length; at += SAMPLE_RATE) {
    hearing.hear(audio.subarray(at, at + SAMPLE_RATE))
    heardMs = (at / SAMPLE_RATE) * 1_000
    await nextTurn() // a long recording must not hold up the calls that run meanwhile
  }
  hearing.endTurn()
  return words
}
