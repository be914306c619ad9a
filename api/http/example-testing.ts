import { randomInt, randomUUID } from 'node:crypto'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { inputSchema, type JsonSchema } from './routes.ts'
import { inputs } from './serve.ts'

export type Example = {
  params: Record<string, string>
  query: Record<string, unknown>
  body?: unknown
}

/** A request that the endpoint's schemas accept, with ids that name nothing: for walks over the whole API. */
export function exampleOf(endpoint: Endpoint): Example {
  const { params, querystring } = inputs(endpoint)
  return {
    params: objectOf(inputSchema(params)) as Record<string, string>,
    query: objectOf(inputSchema(querystring)),
    ...(endpoint.body && { body: exampleValue(inputSchema(endpoint.body)) }),
  }
}

const objectOf = (schema: JsonSchema): Record<string, unknown> =>
  Object.fromEntries(
    (schema.required ?? []).map((name) => [name, exampleValue(schema.properties?.[name])]),
  )

function exampleValue(part: JsonSchema | boolean | undefined): unknown {
  if (typeof part !== 'object') return {}
  if (part.const !== undefined) return part.const
  if (part.enum) return part.enum[0]
  const variant = part.anyOf?.[0] ?? part.oneOf?.[0]
  if (variant) return exampleValue(variant)
  switch (part.type) {
    case 'string':
      return textOf(part)
    case 'integer':
    case 'number':
      return Math.max(part.minimum ?? 1, Math.min(1, part.maximum ?? 1))
    case 'boolean':
      return true
    case 'array':
      return listOf(part)
    case 'null':
      return null
    default:
      return objectOf(part)
  }
}

function listOf({ items, minItems = 0 }: JsonSchema): unknown[] {
  if (Array.isArray(items)) return []
  return Array.from({ length: minItems }, () => exampleValue(items))
}

function textOf({ format, pattern, minLength = 3, maxLength = 8 }: JsonSchema): string {
  if (pattern?.startsWith('^\\+')) return `+1212555${randomInt(1_000, 10_000)}`
  if (format === 'uuid') return randomUUID()
  if (format === 'date-time') return new Date(0).toISOString()
  if (format === 'email') return `${someLetters(8)}@voxcalls.test`
  if (format === 'uri') return 'https://voxcalls.test'
  return someLetters(Math.max(minLength, Math.min(8, maxLength)))
}

/** Other ones each time: what is made twice may have to be called differently. */
const someLetters = (length: number): string =>
  Array.from({ length }, () => String.fromCharCode(97 + randomInt(26))).join('')
