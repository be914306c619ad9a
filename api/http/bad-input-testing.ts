import type { z } from 'zod'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { type Example, exampleOf } from './example-testing.ts'
import { inputSchema, type JsonSchema } from './routes.ts'
import { inputs } from './serve.ts'

export type Attempt = { what: string; input: Example }

const LONG = 20_000 // characters; fits the body's limit, and no name, note or prompt
const DEEP = 40 // levels; twice what is read

/** What may stand where something else is wanted. */
const strangeValues: unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  -(2 ** 53),
  2 ** 63,
  '',
  ' ',
  '0',
  '-1',
  'NaN',
  'x'.repeat(LONG),
  "'; drop table calls; --",
  '%_\\',
  '../../etc/passwd',
  '\u202e\u0007🦜',
  '2026-02-30T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '9999-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00Z',
  [],
  ['x', 'x'],
  [null],
  {},
  { $ne: null },
]

/** Requests that differ from an accepted one in one place, over all places and ways the schemas name. */
export function attemptsAt(endpoint: Endpoint): Attempt[] {
  const example = exampleOf(endpoint)
  const { params, querystring, body } = inputs(endpoint)
  return [
    ...inPart('query', inputSchema(querystring), example),
    ...inPart('params', inputSchema(params), example),
    ...(endpoint.body && body ? inPart('body', inputSchema(body), example) : []),
  ]
}

function inPart(
  part: 'query' | 'params' | 'body',
  schema: JsonSchema,
  example: Example,
): Attempt[] {
  const given = (example[part] ?? {}) as Record<string, unknown>
  const properties = Object.entries(schema.properties ?? {})
  const missing = part === 'params' ? [] : (schema.required ?? [])
  return [
    ...missing.map((name) => {
      const { [name]: _left, ...rest } = given
      return { what: `${part} without ${name}`, input: { ...example, [part]: rest } }
    }),
    ...properties.flatMap(([name, property]) =>
      [...strangeValues, ...edgesOf(property)].map((value) => ({
        what: `${part}.${name} = ${shown(value)}`,
        input: { ...example, [part]: { ...given, [name]: part === 'body' ? value : text(value) } },
      })),
    ),
    ...(part === 'body' ? wholeBodies(example) : []),
  ]
}

const wholeBodies = (example: Example): Attempt[] =>
  [null, [], 7, true, deep(DEEP)].map((body) => ({
    what: `body = ${shown(body)}`,
    input: { ...example, body },
  }))

/** Just inside and just outside of what a schema says of its size. */
function edgesOf(property: unknown): unknown[] {
  const schema = typeof property === 'object' ? (property as JsonSchema) : {}
  const { minimum, maximum, minLength, maxLength } = schema
  return [
    ...(typeof minimum === 'number' ? [minimum, minimum - 1] : []),
    ...(typeof maximum === 'number' ? [maximum, maximum + 1] : []),
    ...(minLength ? ['x'.repeat(minLength), 'x'.repeat(minLength - 1)] : []),
    ...(maxLength ? ['é'.repeat(maxLength), 'x'.repeat(maxLength + 1)] : []),
    ...(schema.enum ?? []),
  ]
}

/** Whether the endpoint's own schemas take it: then it is no bad input, however strange. */
export function isAccepted(endpoint: Endpoint, { params, query, body }: Example): boolean {
  const parts = inputs(endpoint)
  const takes = (schema: z.ZodType | undefined, value: unknown) =>
    schema === undefined || schema.safeParse(value).success
  return (
    takes(parts.params, params) &&
    takes(parts.querystring, query) &&
    (!('body' in parts) || takes(parts.body, body))
  )
}

const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: deep(levels - 1) })

const text = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 40)
