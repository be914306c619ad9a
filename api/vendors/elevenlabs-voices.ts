import { z } from 'zod'
import type { ElevenLabsClient, Voice, VoiceQuery } from '#api/core/vendors.ts'
import { get } from './elevenlabs-api.ts'
import type { JsonApi } from './json-api.ts'

const KEPT_MS = 5 * 60_000 // somebody who scrolls a picker asks for the same pages again and again
const MAX_PAGES_KEPT = 200

type Page = Awaited<ReturnType<ElevenLabsClient['listVoices']>>

/** The voices of the platform's account: no tenant's data, so one copy serves all. */
export function elevenLabsVoices(api: JsonApi): Pick<ElevenLabsClient, 'listVoices'> {
  const kept = new Map<string, { page: Page; untilMs: number }>()
  return {
    async listVoices(query) {
      const key = JSON.stringify(query)
      const known = kept.get(key)
      if (known && known.untilMs > performance.now()) return known.page
      const page = await fetchPage(api, query)
      kept.delete(key)
      // The oldest first: a map keeps the order in which it was filled.
      for (const oldest of kept.keys()) {
        if (kept.size < MAX_PAGES_KEPT) break
        kept.delete(oldest)
      }
      kept.set(key, { page, untilMs: performance.now() + KEPT_MS })
      return page
    },
  }
}

async function fetchPage(api: JsonApi, query: VoiceQuery): Promise<Page> {
  const { search, language, gender, cursor, limit } = query
  const answer = await api.call(
    get('list-voices', '/v2/voices', {
      search,
      language,
      gender,
      next_page_token: cursor,
      page_size: limit,
      sort: 'name',
    }),
    voicePage,
  )
  return {
    items: answer.voices.map(voiceOf),
    nextCursor: answer.has_more ? (answer.next_page_token ?? null) : null,
  }
}

const text = z.string().nullish()
const voicePage = z.object({
  voices: z.array(
    z.object({
      voice_id: z.string(),
      name: z.string(),
      description: text,
      preview_url: text,
      labels: z.record(z.string(), z.unknown()).nullish(),
      verified_languages: z.array(z.object({ preview_url: text })).nullish(),
    }),
  ),
  has_more: z.boolean(),
  next_page_token: text,
})

function voiceOf(voice: z.output<typeof voicePage>['voices'][number]): Voice {
  const label = (name: string): string | null => {
    const value = voice.labels?.[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  return {
    voiceId: voice.voice_id,
    name: voice.name,
    description: voice.description ?? null,
    language: label('language'),
    accent: label('accent'),
    gender: label('gender'),
    age: label('age'),
    useCase: label('use_case'),
    previewUrl:
      voice.preview_url ??
      voice.verified_languages?.find(({ preview_url }) => preview_url)?.preview_url ??
      null,
  }
}
