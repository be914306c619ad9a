import { z } from 'zod'
import type { Breaker } from './breakers.ts'
import { type JsonApi, type JsonCall, jsonApi } from './json-api.ts'

export const ELEVENLABS_URL = 'https://api.elevenlabs.io'

export const elevenLabsApi = (options: {
  apiKey: string
  baseUrl: string | null
  breaker?: Breaker
}): JsonApi =>
  jsonApi({
    name: 'elevenlabs',
    baseUrl: options.baseUrl ?? ELEVENLABS_URL,
    headers: { 'xi-api-key': options.apiKey },
    ...(options.breaker && { breaker: options.breaker }),
    errorCode: (body) => problem.safeParse(body).data?.detail.code,
    errorWords: (body) => problem.safeParse(body).data?.detail.words,
  })

export const get = (operation: string, path: string, query: JsonCall['query'] = {}): JsonCall => ({
  operation,
  method: 'GET',
  path,
  query,
  repeatable: true,
})

const text = z.string().nullish()

/** Three shapes of errors are live: an object with `code`, one with `status` only, and a list. */
const problem = z.object({
  detail: z
    .union([
      z.object({ code: text, status: text, message: text }),
      z.array(z.object({ type: z.string(), msg: text })).min(1),
    ])
    .transform((detail) => {
      if (!Array.isArray(detail))
        return {
          code: detail.code ?? detail.status ?? undefined,
          words: detail.message ?? undefined,
        }
      return { code: detail[0]?.type, words: detail[0]?.msg ?? undefined }
    }),
})
