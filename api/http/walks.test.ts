import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import { can, type Role, roles } from '#api/contract/permissions.ts'
import { problem } from '#api/contract/problem.ts'
import { exampleOf } from '#api/http/example-testing.ts'
import { decisionFor } from '#api/http/matrix.ts'
import { inputSchema, nameOf } from '#api/http/routes.ts'
import { inputs } from '#api/http/serve.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'

let api: TestApi
let endpoints: Endpoint[]
const holders = new Map<Role, Person>()

beforeAll(async () => {
  api = await testApi()
  endpoints = api.routes.flatMap((route) => ('endpoint' in route ? [route.endpoint] : []))
  const organizationId = await api.database.anOrganization({ balanceCents: 10_000 })
  for (const role of roles) holders.set(role, await api.aHolderOf(role, organizationId))
})
afterAll(() => api.close())

const holderOf = (role: Role): Person => {
  const holder = holders.get(role)
  if (!holder) throw new Error(`nobody holds ${role}`)
  return holder
}
const send = (endpoint: Endpoint, input: object, as?: { token: string }) =>
  api.call(endpoint, input as Call<Endpoint>, as)

describe('every endpoint for every role', () => {
  test.each(roles)('a %s is answered as the matrix says', async (role) => {
    const wrong: string[] = []
    for (const endpoint of endpoints) {
      const { permission } = endpoint
      // Founding an organization would give the shared holder another role.
      const isFounding = permission === 'signed in' && endpoint.method !== 'GET'
      const holder = isFounding ? await api.aHolderOf(role) : holderOf(role)
      const response = await send(endpoint, exampleOf(endpoint), holder)
      const isOpen = permission === 'anyone' || permission === 'signed in'
      const allowed = isOpen || can(role, permission)
      const refused =
        response.statusCode === 403 && problem.parse(response.json()).code === 'request.forbidden'
      if (refused === allowed) wrong.push(`${nameOf(endpoint)} answered ${response.statusCode}`)
      if (response.statusCode === 401 || response.statusCode >= 500)
        wrong.push(`${nameOf(endpoint)} answered ${response.statusCode}: ${response.body}`)
      if ((decisionFor(endpoint, role) === 'deny') === allowed)
        wrong.push(`${nameOf(endpoint)} is documented otherwise than guarded`)
    }
    expect(wrong).toEqual([])
  })

  test('without a token only what is for anyone is answered', async () => {
    const wrong: string[] = []
    for (const endpoint of endpoints) {
      const { statusCode } = await send(endpoint, exampleOf(endpoint))
      if ((statusCode === 401) !== (endpoint.permission !== 'anyone'))
        wrong.push(`${nameOf(endpoint)} answered ${statusCode}`)
    }
    expect(wrong).toEqual([])
  })

  test('somebody without any role is refused wherever a permission is asked for', async () => {
    const nobody = await api.aPerson()
    const guarded = endpoints.filter(
      ({ permission }) => permission !== 'anyone' && permission !== 'signed in',
    )
    expect(guarded.length).toBeGreaterThan(10)
    for (const endpoint of guarded)
      expect((await send(endpoint, exampleOf(endpoint), nobody)).statusCode, nameOf(endpoint)).toBe(
        403,
      )
  })
})

describe('every input of every endpoint', () => {
  // The most powerful holder of each, so that the schema answers and not the guard.
  const holderFor = (endpoint: Endpoint): Person | undefined => {
    const role = roles.find((candidate) => decisionFor(endpoint, candidate) !== 'deny')
    return role && holderOf(role)
  }

  test('an undeclared property is refused with 400 in the query and in the body', async () => {
    const accepted: string[] = []
    for (const endpoint of endpoints) {
      const example = exampleOf(endpoint)
      const extra = { ...example, query: { ...example.query, organizationId: randomUUID() } }
      const inQuery = await send(endpoint, extra, holderFor(endpoint))
      if (inQuery.statusCode !== 400) accepted.push(`${nameOf(endpoint)} ?organizationId`)
      if (endpoint.method === 'GET') continue
      const more = { ...example, body: { ...(example.body as object), role: 'super_admin' } }
      const inBody = await send(endpoint, more, holderFor(endpoint))
      if (inBody.statusCode !== 400) accepted.push(`${nameOf(endpoint)} {role}`)
    }
    expect(accepted).toEqual([])
  })

  test('a NUL in any text is refused with 400 and never reaches the database', async () => {
    const wrong: string[] = []
    for (const endpoint of endpoints) {
      const texts = Object.entries(inputSchema(inputs(endpoint).querystring).properties ?? {})
      for (const [name] of texts) {
        const input = { ...exampleOf(endpoint), query: { [name]: 'a\0b' } }
        const { statusCode } = await send(endpoint, input, holderFor(endpoint))
        if (statusCode !== 400) wrong.push(`${nameOf(endpoint)} ?${name} answered ${statusCode}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('every endpoint with another organization’s ids', () => {
  test('ids of another organization answer like ids that do not exist', async () => {
    const theirs = await api.aHolderOf('sales_person')
    const organizationId = theirs.organizationId ?? ''
    const query = <Row extends object>(text: string, values: unknown[]) =>
      api.database.query<Row & Record<string, unknown>>('app', text, values, organizationId)
    const [member] = await query<{ id: string }>('select id from memberships where user_id = $1', [
      theirs.userId,
    ])
    const ids: Record<string, string | undefined> = {
      user: theirs.userId,
      member: member?.id,
      organization: organizationId,
      agent: randomUUID(),
      call: randomUUID(),
      job: randomUUID(),
    }
    await query(
      `insert into agents (organization_id, id, name, prompt, first_message, voice_id)
       values ($1, $2, 'A', 'P', 'F', 'V')`,
      [organizationId, ids.agent],
    )
    await query(
      `insert into calls (organization_id, id, kind, direction, from_number, to_number)
       values ($1, $2, 'agent', 'inbound', '+15550001111', '+15550002222')`,
      [organizationId, ids.call],
    )
    const checked = new Set<string>()
    for (const endpoint of endpoints) {
      for (const [parameter, resource] of Object.entries(endpoint.resources ?? {})) {
        const { permission } = endpoint
        const foreign = ids[resource]
        expect(foreign, `an id of a ${resource}`).toBeDefined()
        // Platform roles reach every organization by design.
        if (!foreign || permission === 'anyone' || permission === 'signed in') continue
        if (can('super_admin', permission)) continue
        const asked = (id: string) =>
          send(endpoint, withId(endpoint, parameter, id), holderOf('admin'))
        const [foreignAnswer, randomAnswer] = [await asked(foreign), await asked(randomUUID())]
        expect(answerOf(foreignAnswer), nameOf(endpoint)).toEqual(answerOf(randomAnswer))
        // An id that only narrows a list finds nothing instead.
        const inPath = endpoint.path.includes(`:${parameter}`)
        expect(foreignAnswer.statusCode, nameOf(endpoint)).toBe(inPath ? 404 : 200)
        checked.add(nameOf(endpoint))
      }
    }
    expect(checked).toContain('DELETE /v1/members/:memberId')
    const rows = await api.database.query('admin', 'select 1 from memberships where id = $1', [
      member?.id,
    ])
    expect(rows).toHaveLength(1)
  })

  test('an id of any resource that does not exist is 404, whatever the resource', async () => {
    for (const endpoint of endpoints) {
      const role = roles.find((candidate) => decisionFor(endpoint, candidate) !== 'deny')
      const parameters = Object.keys(inputSchema(inputs(endpoint).params).properties ?? {})
      if (!role || !parameters.some((name) => endpoint.resources?.[name])) continue
      const response = await send(endpoint, exampleOf(endpoint), holderOf(role))
      expect(response.statusCode, nameOf(endpoint)).toBe(404)
    }
  })

  const withId = (endpoint: Endpoint, parameter: string, id: string) => {
    const example = exampleOf(endpoint)
    const inPath = endpoint.path.includes(`:${parameter}`)
    return inPath
      ? { ...example, params: { ...example.params, [parameter]: id } }
      : { ...example, query: { ...example.query, [parameter]: id } }
  }
  const answerOf = (response: { statusCode: number; body: string }) => ({
    status: response.statusCode,
    body: { ...(JSON.parse(response.body) as object), requestId: '' },
  })
})
