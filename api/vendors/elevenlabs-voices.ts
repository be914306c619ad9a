import { z } from 'zod'
import { VendorError } from '#api/core/errors.ts'
import type { ElevenLabsClient, Voice, VoiceQuery } from '#api/core/vendors.ts'
import { asking } from './asking.ts'
import { unguarded } from './breakers.ts'
import { get } from './elevenlabs-api.ts'
import { exchange, usualLimits } from './exchange.ts'
import { refused, unanswered } from './failure.ts'
import type { JsonApi } from './json-api.ts'

const KEPT_MS = 5 * 60_000 // somebody who scrolls a picker asks for the same pages again and again
const MAX_PAGES_KEPT = 200
// A sample lies on a public store, which is asked without our key. Half a minute of speech is half a megabyte.
const SAMPLE_LIMITS = { ...usualLimits, maxBytes: 2 * 2 ** 20 }

type Page = Awaited<ReturnType<ElevenLabsClient['listVoices']>>

/** The voices of the platform's account: no tenant's data, so one copy serves all. */
export function elevenLabsVoices(
  api: JsonApi,
  baseUrl: string,
): Pick<ElevenLabsClient, 'listVoices' | 'fetchVoiceSample'> {
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

    async fetchVoiceSample(voiceId) {
      const sample = await findSample(api, voiceId)
      const url = sample && URL.parse(sample, baseUrl)
      if (!url || (url.protocol !== 'https:' && url.origin !== new URL(baseUrl).origin)) return null
      const operation = 'fetch-voice-sample'
      // Another host, whose trouble is not that of the service.
      return asking(unguarded, operation, true, async () => {
        const asked = { method: 'GET', url, headers: { accept: 'audio/*' } } as const
        const answer = await exchange(asked, SAMPLE_LIMITS).catch((error: unknown) => {
          throw unanswered('elevenlabs', operation, error)
        })
        if (answer.status !== 200) throw refused('elevenlabs', operation, answer.status)
        return answer.body
      })
    },
  }
}

/** Where a voice's sample lies; null without a sample, and for a voice that is not there. */
async function findSample(api: JsonApi, voiceId: string): Promise<string | null> {
  try {
    const path = `/v1/voices/${encodeURIComponent(voiceId)}`
    const found = await api.find(get('find-voice', path), voiceReply)
    return found && sampleOf(found)
  } catch (error) {
    // The service answers an unknown voice with 400, or 404.
    if (error instanceof VendorError && error.status === 400) return null
    throw error
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
const voiceReply = z.object({
  voice_id: z.string(),
  name: z.string(),
  description: text,
  preview_url: text,
  labels: z.record(z.string(), z.unknown()).nullish(),
  verified_languages: z.array(z.object({ preview_url: text })).nullish(),
})
const voicePage = z.object({
  voices: z.array(voiceReply),
  has_more: z.boolean(),
  next_page_token: text,
})

function voiceOf(voice: z.output<typeof voiceReply>): Voice {
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
    hasSample: sampleOf(voice) !== null,
  }
}

const sampleOf = (voice: z.output<typeof voiceReply>): string | null =>
  voice.preview_url ??
  voice.verified_languages?.find(({ preview_url }) => preview_url)?.preview_url ??
  null
