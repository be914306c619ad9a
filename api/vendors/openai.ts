import OpenAI from 'openai'
import { VendorError } from '#api/core/errors.ts'
import type { OpenAiClient } from '#api/core/vendors.ts'
import { asking } from './asking.ts'
import { type Breaker, unguarded } from './breakers.ts'
import { refused, unanswered } from './failure.ts'

const MODEL = 'text-embedding-3-small'
const DIMENSIONS = 1_536 // the columns of the chunks are made for these
const TIMEOUT_MS = 120_000 // THREATS B7: a batch model call

/** OpenAI's models, as far as the product asks them. Without a key every call is refused as unconfigured. */
export function openAiClient(options: {
  apiKey: string | null
  baseUrl: string | null
  breaker?: Breaker
}): OpenAiClient {
  const { apiKey, baseUrl, breaker = unguarded } = options
  const client =
    apiKey === null
      ? null
      : new OpenAI({
          apiKey,
          baseURL: baseUrl,
          timeout: TIMEOUT_MS,
          maxRetries: 0, // retried here, under one deadline for all tries
          fetchOptions: { redirect: 'error' },
        })

  return {
    embeddingModel: MODEL,
    async embed(texts) {
      const { data } = await asking(breaker, 'embed', true, async () => {
        if (!client) throw new VendorError('openai', 'embed', { status: 401, retryable: false })
        try {
          return await client.embeddings.create({
            model: MODEL,
            dimensions: DIMENSIONS,
            input: [...texts],
          })
        } catch (error) {
          throw failureOf('embed', error)
        }
      })
      const inOrder = data.toSorted((a, b) => a.index - b.index)
      const vectors = inOrder.map(({ embedding }) => Float32Array.from(embedding))
      // A server that ignores the encoding yields short vectors without an error.
      if (vectors.length !== texts.length || vectors.some(({ length }) => length !== DIMENSIONS))
        throw new VendorError('openai', 'embed', { status: 200, retryable: false })
      return vectors
    },
  }
}

function failureOf(operation: string, error: unknown): VendorError {
  if (error instanceof OpenAI.APIError && error.status !== undefined)
    return refused('openai', operation, error.status, error.code ?? undefined)
  if (error instanceof OpenAI.APIConnectionError)
    return new VendorError('openai', operation, { retryable: true, cause: error })
  return unanswered('openai', operation, error)
}
