import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { type OrganizationRole, organizationRoles, roles } from '#api/contract/permissions.ts'
import { type Home, makeFor } from '#api/resources-testing.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { keyPermissions } from '#contracts/api-keys'
import { type Example, exampleOf } from './example-testing.ts'
import { decisionFor, exposureOf } from './matrix.ts'
import { inputSchema, nameOf, propertiesOf } from './routes.ts'
import { inputs } from './serve.ts'
import { comparable, endpointsOf, isBroken, outcomeOf, send, watchTraces } from './walk-testing.ts'

let api: TestApi
/** Those that take an id, in the path, the query or the body. */
let endpoints: Endpoint[]
let ours: Home
let theirs: Home

beforeAll(async () => {
  api = await testApi()
  endpoints = endpointsOf(api).filter(({ resources }) => Object.keys(resources ?? {}).length > 0)
  ours = await aHome()
  theirs = await aHome()
})
afterAll(() => api.close())

async function aHome(): Promise<Home> {
  const organizationId = await api.database.anOrganization({ balanceCents: 10_000 })
  const admin = await api.aHolderOf('admin', organizationId)
  return { organizationId, admin, owner: admin }
}

type Caller = { name: string; token: string; home: Home }

/** Everybody of our organization, or of the platform, whom the endpoint lets in. */
async function callersOf(endpoint: Endpoint): Promise<Caller[]> {
  const callers: Caller[] = []
  for (const role of roles) {
    if (decisionFor(endpoint, role) === 'deny') continue
    const owner = await api.aHolderOf(role, ours.organizationId)
    const isOwnMatter = endpoint.permission === 'signed in'
    // What waits for a person comes from an organization that is not theirs.
    const home = isOwnMatter ? { ...(await aHome()), owner } : { ...ours, owner }
    callers.push({ name: `a ${role}`, token: owner.token, home })
  }
  const { keyPermission } = exposureOf(endpoint)
  if (keyPermission) {
    const { token } = await api.aKey(ours.organizationId, [...keyPermissions])
    callers.push({ name: 'a program', token, home: ours })
  }
  return callers
}

const isInPath = (endpoint: Endpoint, parameter: string): boolean =>
  endpoint.path.includes(`:${parameter}`)

function withIds(endpoint: Endpoint, ids: Record<string, string>): Example {
  const example = exampleOf(endpoint)
  for (const [parameter, id] of Object.entries(ids)) {
    if (isInPath(endpoint, parameter)) example.params[parameter] = id
    else if (propertiesOf(inputs(endpoint).querystring).includes(parameter))
      example.query[parameter] = id
    // A name in the plural stands for a list.
    else
      example.body = {
        ...(example.body as object),
        [parameter]: parameter.endsWith('Ids') ? [id] : id,
      }
  }
  return example
}

test('every endpoint that takes an id is walked', () => {
  expect(endpoints.length).toBeGreaterThan(25)
})

test('an own id is answered, and one that is malformed with 400', async () => {
  const wrong: string[] = []
  for (const endpoint of endpoints) {
    for (const { name, token, home } of await callersOf(endpoint)) {
      const ids = await makeFor(api, endpoint, home)
      for (const parameter of Object.keys(ids)) {
        const malformed = withIds(endpoint, { ...ids, [parameter]: 'not-an-id' })
        const response = await send(api, endpoint, malformed, { token })
        const isFree = !isUuid(endpoint, parameter)
        if (response.statusCode !== 400 && !isFree)
          wrong.push(
            `${nameOf(endpoint)} answers ${name} a malformed ${parameter} with ${response.statusCode}`,
          )
      }
      const response = await send(api, endpoint, withIds(endpoint, ids), { token })
      const isThere = response.statusCode !== 404 && outcomeOf(response) === 'through'
      if (!isThere || response.statusCode === 400 || isBroken(response))
        wrong.push(
          `${nameOf(endpoint)} answers ${name} with own ids ${response.statusCode}: ${response.body}`,
        )
    }
  }
  expect(wrong).toEqual([])
}, 240_000)

const isUuid = (endpoint: Endpoint, parameter: string): boolean => {
  const { params, querystring, body } = inputs(endpoint)
  const parts = [params, querystring, ...(body ? [body] : [])].map((part) => inputSchema(part))
  return parts.some((part) => {
    const schema = part.properties?.[parameter]
    return typeof schema === 'object' && JSON.stringify(schema).includes('"format":"uuid"')
  })
}

test('an id of another organization is answered byte for byte like one of nobody, and nothing changes', async () => {
  const wrong: string[] = []
  for (const endpoint of endpoints) {
    // The platform's people reach every organization: that is what their permissions say.
    if (organizationRoles.every((role) => decisionFor(endpoint, role) === 'deny')) continue
    const [foreign, elsewhere] = [
      await makeFor(api, endpoint, await foreignHome(endpoint)),
      await makeFor(api, endpoint, await foreignHome(endpoint)),
    ]
    expect(foreign).not.toEqual(elsewhere)
    const callers = await callersOf(endpoint)
    const own = await makeFor(api, endpoint, ours)
    const traces = await watchTraces(api)
    for (const { name, token } of callers) {
      for (const parameter of Object.keys(foreign)) {
        const asked = async (id: string | undefined) =>
          send(api, endpoint, withIds(endpoint, { ...own, [parameter]: id ?? '' }), { token })
        const theirsAnswer = await asked(foreign[parameter])
        const nobodysAnswer = await asked(randomUUID())
        expect.soft(comparable(theirsAnswer), nameOf(endpoint)).toEqual(comparable(nobodysAnswer))
        // An id that only narrows a list finds nothing instead.
        const { statusCode } = theirsAnswer
        const isNothing =
          statusCode === 404 ||
          (statusCode === 200 && endpoint.method === 'GET' && !isInPath(endpoint, parameter))
        if (!isNothing)
          wrong.push(
            `${nameOf(endpoint)} answers ${name} a foreign ${parameter} with ${statusCode}`,
          )
      }
    }
    wrong.push(...(await traces(endpoint)))
  }
  expect(wrong).toEqual([])
}, 240_000)

/** For a person's own matters, foreign is what waits for somebody else. */
async function foreignHome(endpoint: Endpoint): Promise<Home> {
  if (endpoint.permission !== 'signed in') return theirs
  return { ...(await aHome()), owner: await api.aPerson() }
}

test('who sees only the own is answered a colleague’s id like nobody’s', async () => {
  const wrong: string[] = []
  let walked = 0
  for (const endpoint of endpoints) {
    for (const role of organizationRoles.filter((held) => isOwnOnly(endpoint, held))) {
      const colleagues = await makeFor(api, endpoint, ours)
      const { token } = await api.aHolderOf(role, ours.organizationId)
      const traces = await watchTraces(api)
      for (const parameter of Object.keys(colleagues)) {
        const asked = (id: string) =>
          send(api, endpoint, withIds(endpoint, { ...colleagues, [parameter]: id }), { token })
        const [colleague, nobody] = [
          await asked(colleagues[parameter] ?? ''),
          await asked(randomUUID()),
        ]
        expect.soft(comparable(colleague), nameOf(endpoint)).toEqual(comparable(nobody))
        walked++
      }
      wrong.push(...(await traces(endpoint)))
    }
  }
  expect(wrong).toEqual([])
  expect(walked).toBeGreaterThan(3)
}, 120_000)

const isOwnOnly = (endpoint: Endpoint, role: OrganizationRole): boolean =>
  decisionFor(endpoint, role) === 'own-only'

test('the platform’s people are answered an id that does not exist with 404', async () => {
  const wrong: string[] = []
  for (const endpoint of endpoints) {
    const role = (['super_admin', 'manager'] as const).find(
      (candidate) =>
        decisionFor(endpoint, candidate) !== 'deny' && endpoint.permission !== 'signed in',
    )
    if (!role || !Object.keys(endpoint.resources ?? {}).some((name) => isInPath(endpoint, name)))
      continue
    const { statusCode } = await send(api, endpoint, exampleOf(endpoint), await api.aHolderOf(role))
    if (statusCode !== 404) wrong.push(`${nameOf(endpoint)} answered ${statusCode}`)
  }
  expect(wrong).toEqual([])
}, 60_000)
