import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import { type Role, roles } from '#api/contract/permissions.ts'
import { problem } from '#api/contract/problem.ts'
import { type Home, makeFor } from '#api/resources-testing.ts'
import { type Person, requestOf, type TestApi, testApi } from '#api/testing.ts'
import { attemptsAt, isAccepted } from './bad-input-testing.ts'
import { exampleOf } from './example-testing.ts'
import { decisionFor } from './matrix.ts'
import { inputSchema, nameOf, propertiesOf } from './routes.ts'
import { inputs } from './serve.ts'
import { endpointsOf, isBroken, send, watchTraces } from './walk-testing.ts'

const TOO_LARGE = 70_000 // bytes; a JSON body may have 65,536

const UNDECLARED = ['role', 'organization_id', 'balance', 'price', '__proto__', 'constructor']

let api: TestApi
let endpoints: Endpoint[]
let home: Home
const holders = new Map<Role, Person>()

beforeAll(async () => {
  api = await testApi()
  endpoints = endpointsOf(api)
  const organizationId = await api.database.anOrganization({ balanceCents: 10_000 })
  for (const role of roles) holders.set(role, await api.aHolderOf(role, organizationId))
  const admin = await api.aHolderOf('admin', organizationId)
  home = { organizationId, admin, owner: admin }
})
afterAll(() => api.close())

/** The most powerful holder of each, so that the schema answers and not the guard. */
const holderFor = (endpoint: Endpoint): Person | undefined => {
  const role = roles.find((candidate) => decisionFor(endpoint, candidate) !== 'deny')
  return role && holders.get(role)
}

/** A body as it is, whatever it is. */
function sendRaw(endpoint: Endpoint, contentType: string, payload: string) {
  const { body: _body, ...example } = exampleOf(endpoint)
  const request = requestOf(endpoint, example as Call<Endpoint>, holderFor(endpoint)?.token)
  const headers = { ...request.headers, 'content-type': contentType }
  return api.app.inject({ ...request, headers, payload })
}

/** Every refusal has the one form, and none is a failure of ours. */
function complaint(endpoint: Endpoint, what: string, response: LightMyRequestResponse): string[] {
  const told = `${nameOf(endpoint)} (${what}) answered ${response.statusCode}: ${response.body.slice(0, 300)}`
  if (isBroken(response)) return [told]
  const isRefusal = response.statusCode >= 400
  const isProblem =
    String(response.headers['content-type']).startsWith('application/problem+json') &&
    problem.safeParse(JSON.parse(response.body)).success
  return isRefusal && !isProblem ? [`${told} without a problem`] : []
}

test('what the schemas do not take is refused with 400 everywhere, and nothing changes', async () => {
  const wrong: string[] = []
  const traces = await watchTraces(api)
  let tried = 0
  for (const endpoint of endpoints) {
    const bad = attemptsAt(endpoint).filter(({ input }) => !isAccepted(endpoint, input))
    for (const { what, input } of bad) {
      const response = await send(api, endpoint, input, holderFor(endpoint))
      wrong.push(...complaint(endpoint, what, response))
      if (response.statusCode !== 400)
        wrong.push(`${nameOf(endpoint)} (${what}) answered ${response.statusCode}`)
      tried++
    }
    wrong.push(...(await traces(endpoint)))
  }
  expect(wrong).toEqual([])
  expect(tried).toBeGreaterThan(1_000)
}, 300_000)

test('what the schemas take, however strange, never breaks anything', async () => {
  const wrong: string[] = []
  for (const endpoint of endpoints) {
    // Who founds, joins or leaves would be somebody else afterwards.
    if (endpoint.permission === 'signed in' && endpoint.method !== 'GET') continue
    const ids = await makeFor(api, endpoint, home)
    const strange = attemptsAt(endpoint).filter(({ input }) => isAccepted(endpoint, input))
    for (const { what, input } of strange) {
      const params = { ...input.params }
      for (const name of Object.keys(params))
        if (ids[name] && !what.startsWith(`params.${name} `)) params[name] = ids[name]
      // A stream that fails halfway has no status left to say so.
      const response = await send(api, endpoint, { ...input, params }, holderFor(endpoint)).catch(
        (error: Error) => error,
      )
      if (response instanceof Error)
        wrong.push(`${nameOf(endpoint)} (${what}) broke off: ${response.message}`)
      else wrong.push(...complaint(endpoint, what, response))
    }
  }
  expect(wrong).toEqual([])
}, 300_000)

test('characters that cannot be stored are refused in every text, wherever it stands', async () => {
  const wrong: string[] = []
  const traces = await watchTraces(api)
  for (const endpoint of endpoints) {
    const { params, querystring, body } = inputs(endpoint)
    const holder = holderFor(endpoint)
    const example = exampleOf(endpoint)
    const parts = { params, query: querystring, ...(endpoint.body && { body }) }
    for (const [part, schema] of Object.entries(parts)) {
      if (!schema) continue
      for (const name of Object.keys(inputSchema(schema).properties ?? {})) {
        const given = (example[part as keyof typeof parts] ?? {}) as Record<string, unknown>
        for (const value of ['a\0b', part === 'body' ? 'a\ud800b' : '\0']) {
          const input = { ...example, [part]: { ...given, [name]: value } }
          const response = await send(api, endpoint, input, holder)
          if (response.statusCode !== 400)
            wrong.push(`${nameOf(endpoint)} takes ${JSON.stringify(value)} as ${part}.${name}`)
        }
      }
    }
    wrong.push(...(await traces(endpoint)))
  }
  expect(wrong).toEqual([])
}, 120_000)

test('an undeclared property is refused in the query and in the body, whatever it is called', async () => {
  const wrong: string[] = []
  const traces = await watchTraces(api)
  for (const endpoint of endpoints) {
    const example = exampleOf(endpoint)
    const { querystring, body } = inputs(endpoint)
    const declared = [querystring, ...(body ? [body] : [])].flatMap(propertiesOf)
    for (const name of UNDECLARED.filter((candidate) => !declared.includes(candidate))) {
      // As text, since an object literal would set its prototype.
      const extra = JSON.parse(`{"${name}":"super_admin"}`) as Record<string, unknown>
      const inQuery = { ...example, query: merged(example.query, extra) }
      const refusals = [await send(api, endpoint, inQuery, holderFor(endpoint))]
      if (endpoint.method !== 'GET' && !endpoint.upload) {
        const payload = JSON.stringify(merged((example.body ?? {}) as object, extra))
        refusals.push(await sendRaw(endpoint, 'application/json', payload))
      }
      for (const { statusCode } of refusals)
        if (statusCode !== 400) wrong.push(`${nameOf(endpoint)} takes ${name}: ${statusCode}`)
    }
    wrong.push(...(await traces(endpoint)))
  }
  expect(wrong).toEqual([])
}, 120_000)

/** With own properties only, `__proto__` among them. */
const merged = (one: object, other: object): Record<string, unknown> => {
  const both = Object.create(null) as Record<string, unknown>
  for (const [name, value] of [...Object.entries(one), ...Object.entries(other)]) both[name] = value
  return both
}

test('a body that is no JSON, too large, too deep or of another kind is refused, and nothing changes', async () => {
  const wrong: string[] = []
  const traces = await watchTraces(api)
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
  const bodies: [string, string, string, number[]][] = [
    ['half a JSON', 'application/json', '{"name":', [400]],
    ['no JSON', 'application/json', 'name=x', [400]],
    ['deep JSON', 'application/json', deep, [400]],
    ['deep arrays', 'application/json', `${'['.repeat(9_000)}${']'.repeat(9_000)}`, [400]],
    ['a huge text', 'application/json', `{"name":"${'x'.repeat(TOO_LARGE)}"}`, [413]],
    ['a form', 'application/x-www-form-urlencoded', 'name=x', [415]],
    ['XML', 'application/xml', '<name/>', [415]],
    ['no kind at all', 'x', '{}', [415]],
  ]
  // A file's body is bytes, whatever they are.
  const jsonOnly = endpoints.filter(({ method, upload }) => method !== 'GET' && !upload)
  for (const endpoint of jsonOnly) {
    for (const [what, contentType, payload, statuses] of bodies) {
      const response = await sendRaw(endpoint, contentType, payload)
      wrong.push(...complaint(endpoint, what, response))
      if (!statuses.includes(response.statusCode))
        wrong.push(`${nameOf(endpoint)} (${what}) answered ${response.statusCode}`)
    }
    wrong.push(...(await traces(endpoint)))
  }
  expect(wrong).toEqual([])
}, 120_000)
