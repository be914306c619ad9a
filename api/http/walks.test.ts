import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Endpoint } from '#api/contract/endpoint.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { exampleOf } from './example-testing.ts'
import { nameOf } from './routes.ts'
import { endpointsOf, everybody, isBroken, outcomeOf, send, type Walker } from './walk-testing.ts'

let api: TestApi
let endpoints: Endpoint[]
let walkers: Walker[]

beforeAll(async () => {
  api = await testApi()
  endpoints = endpointsOf(api)
  walkers = await everybody(api)
}, 60_000)
afterAll(() => api.close())

const walk = async (name: (walker: Walker) => boolean): Promise<string[]> => {
  const wrong: string[] = []
  const chosen = walkers.filter(name)
  expect(chosen.length).toBeGreaterThan(0)
  for (const walker of chosen) {
    for (const endpoint of endpoints.filter(walker.concerns ?? (() => true))) {
      // Founding or joining an organization would change who the walker is.
      const changes = endpoint.permission === 'signed in' && endpoint.method !== 'GET'
      const as = changes && walker.fresh ? await walker.fresh() : walker
      const response = await send(api, endpoint, exampleOf(endpoint), asBearer(as.token))
      const [expected, outcome] = [walker.expected(endpoint), outcomeOf(response)]
      if (outcome !== expected)
        wrong.push(`${nameOf(endpoint)} answers ${walker.name} ${outcome}, not ${expected}`)
      if (isBroken(response))
        wrong.push(`${nameOf(endpoint)} breaks for ${walker.name}: ${response.body}`)
    }
  }
  return wrong
}
const asBearer = (token: string | undefined) => (token === undefined ? undefined : { token })

test('there is something to walk', () => {
  expect(endpoints.length).toBeGreaterThan(70)
})

test('whoever is nobody, expired or removed is answered as the matrix says', async () => {
  expect(await walk(({ name }) => /^nobody|^somebody|removed/.test(name))).toEqual([])
}, 120_000)

test.each(['super_admin', 'manager', 'admin', 'org_manager', 'sales_person'])(
  'a %s is answered as the matrix says, whether the organization is active, paused or archived',
  async (role) => {
    expect(await walk(({ name }) => name.startsWith(`a ${role} `))).toEqual([])
  },
  120_000,
)

test('a switched-off feature refuses exactly the endpoints that declare it', async () => {
  expect(await walk(({ name }) => name.endsWith('without any feature'))).toEqual([])
}, 120_000)

test('a program is answered as the state of its organization and its permissions say', async () => {
  expect(await walk(({ name }) => /^a program of/.test(name))).toEqual([])
}, 120_000)

test('each permission lets a program in where it is named, and nothing else does', async () => {
  expect(await walk(({ name }) => /^a program with/.test(name))).toEqual([])
}, 240_000)
