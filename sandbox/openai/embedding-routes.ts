import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { embed } from './embedding.ts'
import { invalid, noSuchModel } from './refusals.ts'

// The vendor's reference, "Create embeddings": sizes and limits of the two models that take `dimensions`.
const models = new Map([
  ['text-embedding-3-small', 1_536],
  ['text-embedding-3-large', 3_072],
])
const MAX_INPUTS = 2_048
const MAX_INPUT_TOKENS = 8_192
const MAX_REQUEST_TOKENS = 300_000
const CHARACTERS_A_TOKEN = 4 // the vendor's own rule of thumb for English

const body = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().optional(),
})

export function embeddingRoutes(app: FastifyInstance): void {
  app.get('/v1/models', async () => ({
    object: 'list',
    data: [...models.keys()].map((id) => ({ id, object: 'model', created: 0, owned_by: 'system' })),
  }))

  app.post('/v1/embeddings', async (request) => {
    const asked = parse(request.body)
    const size = models.get(asked.model)
    if (size === undefined) throw noSuchModel(asked.model)
    const dimensions = asked.dimensions ?? size
    if (dimensions < 1 || dimensions > size)
      throw invalid(`Invalid value for 'dimensions': must be between 1 and ${size}.`, 'dimensions')
    const inputs = typeof asked.input === 'string' ? [asked.input] : asked.input
    const tokens = countTokens(inputs)
    const data = inputs.map((text, index) => {
      const vector = embed(text, dimensions)
      const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
      const embedding = asked.encoding_format === 'base64' ? bytes.toString('base64') : [...vector]
      return { object: 'embedding', index, embedding }
    })
    const usage = { prompt_tokens: tokens, total_tokens: tokens }
    return { object: 'list', data, model: asked.model, usage }
  })
}

function parse(given: unknown): z.output<typeof body> {
  const parsed = body.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue?.path.join('.') ?? ''
  throw invalid(
    param ? `Invalid value for '${param}'.` : 'You must provide a model parameter',
    param,
  )
}

/** Of all inputs; refuses what the vendor refuses. */
function countTokens(inputs: readonly string[]): number {
  if (inputs.length === 0 || inputs.some((text) => text === ''))
    throw invalid("'$.input' is invalid. Please check the API reference.", 'input')
  if (inputs.length > MAX_INPUTS)
    throw invalid(`'$.input' is invalid: at most ${MAX_INPUTS} inputs a request.`, 'input')
  const counts = inputs.map((text) => Math.ceil(text.length / CHARACTERS_A_TOKEN))
  const longest = Math.max(...counts)
  if (longest > MAX_INPUT_TOKENS)
    throw invalid(
      `This model's maximum context length is ${MAX_INPUT_TOKENS} tokens, however you requested ${longest} tokens. Please reduce your prompt.`,
      'input',
    )
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total > MAX_REQUEST_TOKENS)
    throw invalid(
      `Requested ${total} tokens, max ${MAX_REQUEST_TOKENS} tokens per request`,
      'input',
    )
  return total
}
