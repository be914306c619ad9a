import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Utterance } from '../../speech/utterance.ts'
import { mp3Of } from '../after/mp3.ts'
import { badRequest, parse } from '../problems.ts'
import { characterTimes } from '../talk/alignment.ts'
import { wireAudio } from '../talk/wire-audio.ts'
import { catalogue, engineVoice } from '../voices.ts'
import type { World } from '../world.ts'

const MAX_CHARACTERS = 5_000 // one request of a non-v3 model, as the service refuses more
const body = z.looseObject({
  text: z.string().min(1),
  model_id: z.string().optional(),
  voice_settings: z.looseObject({}).nullish(),
})
const query = z.looseObject({ output_format: z.string().default('mp3_44100_128') })

type ByVoice = { Params: { voiceId: string } }
type Spoken = { utterance: Utterance; format: string }

export function speechRoutes(app: FastifyInstance, world: World): void {
  const base = '/v1/text-to-speech/:voiceId'

  async function speak(
    request: { body: unknown; query: unknown },
    voiceId: string,
  ): Promise<Spoken> {
    const { text } = parse(body, request.body, 'body')
    const { output_format } = parse(query, request.query, 'query')
    if (!catalogue.some((entry) => entry.voice_id === voiceId))
      throw badRequest('voice_not_found', `A voice with voice_id ${voiceId} was not found.`)
    if (text.length > MAX_CHARACTERS)
      throw badRequest('max_character_limit_exceeded', `More than ${MAX_CHARACTERS} characters.`)
    if (!output_format.startsWith('mp3_') && !wireAudio(output_format))
      throw badRequest('invalid_parameters', `The sandbox does not make ${output_format}.`)
    const utterance = await world.book.say(text, engineVoice(voiceId))
    world.store.charactersUsed += text.length
    world.store.changed()
    return { utterance, format: output_format }
  }

  for (const path of [base, `${base}/stream`])
    app.post<ByVoice>(path, async (request, reply) => {
      const spoken = await speak(request, request.params.voiceId)
      const type = spoken.format.startsWith('mp3_') ? 'audio/mpeg' : 'application/octet-stream'
      return reply.type(type).send(await audioOf(spoken))
    })

  app.post<ByVoice>(`${base}/with-timestamps`, async (request) =>
    withTimestamps(await speak(request, request.params.voiceId)),
  )

  app.post<ByVoice>(`${base}/stream/with-timestamps`, async (request, reply) => {
    const chunk = await withTimestamps(await speak(request, request.params.voiceId))
    return reply.type('application/json').send(`${JSON.stringify(chunk)}\n`)
  })
}

async function audioOf({ utterance, format }: Spoken): Promise<Buffer> {
  if (format.startsWith('mp3_')) return mp3Of([utterance.audio])
  return Buffer.from(wireAudio(format)?.toWire(utterance.audio) ?? [])
}

async function withTimestamps(spoken: Spoken) {
  const times = characterTimes(spoken.utterance)
  const seconds = (ms: number) => Math.round(ms) / 1_000
  const alignment = {
    characters: times.map((time) => time.character),
    character_start_times_seconds: times.map((time) => seconds(time.startMs)),
    character_end_times_seconds: times.map((time) => seconds(time.startMs + time.durationMs)),
  }
  const audio_base64 = (await audioOf(spoken)).toString('base64')
  return { audio_base64, alignment, normalized_alignment: alignment }
}
