import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { mp3Of } from '../after/mp3.ts'
import { pageOf, pageQuery, repeated } from '../paging.ts'
import { badRequest, notFound, parse } from '../problems.ts'
import { catalogue, type Voice, voiceView } from '../voices.ts'
import type { World } from '../world.ts'

const searchQuery = z.looseObject({
  page_size: pageQuery.page_size.default(10),
  next_page_token: z.string().optional(),
  search: z.string().optional(),
  sort: z.enum(['name', 'created_at_unix']).optional(),
  sort_direction: z.enum(['asc', 'desc']).default('asc'),
  category: z.string().optional(),
  gender: z.string().optional(),
  age: z.string().optional(),
  accent: z.string().optional(),
  language: repeated.optional(),
  use_cases: repeated.optional(),
  voice_ids: repeated.optional(),
})

const languageNames: Record<string, string> = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  pt: 'Portuguese',
  nl: 'Dutch',
}
const models = [
  ['eleven_flash_v2_5', 'Eleven Flash v2.5', Object.keys(languageNames), 0.5],
  ['eleven_flash_v2', 'Eleven Flash v2', ['en'], 0.5],
  ['eleven_turbo_v2_5', 'Eleven Turbo v2.5', Object.keys(languageNames), 0.5],
  ['eleven_multilingual_v2', 'Eleven Multilingual v2', Object.keys(languageNames), 1],
] as const

const SAMPLES = '/voice-samples' // the service keeps them on a store that anybody may read

export function voiceRoutes(app: FastifyInstance, world: World): void {
  const view = (entry: Voice) => voiceView(entry, `${world.url}${SAMPLES}/${entry.voice_id}.mp3`)

  app.get<{ Params: { file: string } }>(`${SAMPLES}/:file`, async (request, reply) => {
    const entry = catalogue.find(({ voice_id }) => `${voice_id}.mp3` === request.params.file)
    if (!entry) throw notFound('Sample', request.params.file)
    const said = `Hello, my name is ${entry.name}. This is how I sound.`
    const { audio } = await world.book.say(said, entry.engine)
    return reply.type('audio/mpeg').send(await mp3Of([audio]))
  })

  app.get('/v2/voices', async (request) => {
    const query = parse(searchQuery, request.query, 'query')
    const found = search(query)
    const page = pageOf(found, (entry) => entry.voice_id, {
      page_size: query.page_size,
      cursor: query.next_page_token,
    })
    return {
      voices: page.items.map(view),
      has_more: page.has_more,
      total_count: found.length,
      next_page_token: page.next_cursor,
    }
  })

  app.get('/v1/voices', async () => ({ voices: catalogue.map(view) }))

  app.get<{ Params: { voiceId: string } }>('/v1/voices/:voiceId', async (request) => {
    const found = catalogue.find((entry) => entry.voice_id === request.params.voiceId)
    if (!found) throw badRequest('voice_not_found', 'A voice with this id was not found.')
    return view(found)
  })

  app.get('/v1/models', async () =>
    models.map(([model_id, name, languages, token_cost_factor]) => ({
      model_id,
      name,
      can_be_finetuned: false,
      can_do_text_to_speech: true,
      can_do_voice_conversion: false,
      can_use_style: false,
      can_use_speaker_boost: false,
      serves_pro_voices: false,
      token_cost_factor,
      description: name,
      requires_alpha_access: false,
      max_characters_request_free_user: 5_000,
      max_characters_request_subscribed_user: 40_000,
      maximum_text_length_per_request: 40_000,
      languages: languages.map((id) => ({ language_id: id, name: languageNames[id] ?? id })),
      model_rates: { character_cost_multiplier: token_cost_factor },
      concurrency_group: 'standard',
    })),
  )
}

function search(query: z.output<typeof searchQuery>): Voice[] {
  const wanted = query.search?.toLowerCase() ?? ''
  const found = catalogue.filter(
    (entry) =>
      `${entry.name} ${entry.description} ${entry.accent}`.toLowerCase().includes(wanted) &&
      (query.category === undefined || query.category === 'premade') &&
      (query.gender === undefined || entry.gender === query.gender) &&
      (query.age === undefined || entry.age === query.age) &&
      (query.accent === undefined || entry.accent === query.accent) &&
      (query.language === undefined || query.language.includes(entry.language)) &&
      (query.use_cases === undefined || query.use_cases.includes(entry.use_case)) &&
      (query.voice_ids === undefined || query.voice_ids.includes(entry.voice_id)),
  )
  if (query.sort === 'name') found.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  return query.sort_direction === 'desc' ? found.reverse() : found
}
