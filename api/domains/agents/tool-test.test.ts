import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { WebhookTool } from '#api/contract/agent-spec.ts'
import { problem } from '#api/contract/problem.ts'
import type { Person } from '#api/testing.ts'
import * as contract from './contract.ts'
import { type AgentRig, agentRig, aTool } from './testing.ts'

let rig: AgentRig
let admin: Person
let origin: string
const received: { method: string; url: string; type: string | undefined; body: string }[] = []
let lastKey: unknown
let answer: { status: number; body: string }

const server = createServer(async (request, response) => {
  lastKey = request.headers['x-voxcalls-tool-key']
  received.push({
    method: request.method ?? '',
    url: request.url ?? '',
    type: request.headers['content-type'],
    body: await textOf(request),
  })
  response.writeHead(answer.status, { location: 'http://127.0.0.1/elsewhere' }).end(answer.body)
})

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  // The operator's own receivers are exempt from the guard, which is what lets a test stand in for a tenant's.
  rig = await agentRig({ OUTGOING_EXEMPT_ORIGINS: origin })
  admin = (await rig.anOrganization()).admin
})
beforeEach(() => {
  received.length = 0
  answer = { status: 200, body: '{"slots":3}' }
})
afterAll(async () => {
  await rig.close()
  await new Promise((resolve) => {
    server.close(resolve)
  })
})

async function tried(tool: WebhookTool, values = {}) {
  const response = await rig.api.call(contract.testTool, { body: { tool, values } }, admin)
  expect(response.statusCode).toBe(200)
  return contract.testTool.response.parse(response.json())
}

test('a tool is called as a conversation would, and its answer is shown', async () => {
  const outcome = await tried(aTool({ url: `${origin}/slots` }), { day: 'monday' })
  expect(outcome).toMatchObject({
    status: 200,
    error: null,
    bodyHead: '{"slots":3}',
    isTruncated: false,
  })
  expect(received).toEqual([
    {
      method: 'POST',
      url: '/slots',
      type: 'application/json',
      body: '{"day":"monday","seats":2}',
    },
  ])
})

test('it carries the organization’s key, once there is one', async () => {
  await tried(aTool({ url: origin }))
  expect(lastKey).toBeUndefined()
  const made = await rig.api.call(contract.replaceToolKey, {}, admin)
  await tried(aTool({ url: origin }))
  expect(lastKey).toBe(contract.replaceToolKey.response.parse(made.json()).key)
})

test('a tool without a body asks in its address', async () => {
  await tried(aTool({ url: `${origin}/slots?a=1`, method: 'GET' }), { day: 'Mo & Tu', seats: 4 })
  expect(received).toMatchObject([
    { method: 'GET', url: '/slots?a=1&day=Mo+%26+Tu&seats=4', body: '' },
  ])
})

test('a failure of theirs is shown as it is, a long answer by its beginning', async () => {
  answer = { status: 500, body: `<script>${'é'.repeat(5_000)}` }
  const outcome = await tried(aTool({ url: origin }))
  expect(outcome).toMatchObject({ status: 500, isTruncated: true })
  expect(outcome.bodyHead.length).toBe(4_000)
})

test('a redirect is not followed', async () => {
  answer = { status: 302, body: '' }
  expect(await tried(aTool({ url: origin }))).toMatchObject({ status: null, error: 'redirect' })
  expect(received.length).toBe(1)
})

test('a name that leads inside answers like one that leads nowhere', async () => {
  const outcome = await tried(aTool({ url: 'https://nowhere.voxcalls.invalid/' }))
  expect(outcome).toMatchObject({ status: null, error: 'unreachable' })
})

test.each(['http://127.0.0.1:1/', 'https://10.0.0.1/', 'https://user:pass@tools.voxcalls.test/'])(
  '%s is not called at all',
  async (url) => {
    const body = { tool: aTool({ url }), values: {} }
    const response = await rig.api.call(contract.testTool, { body }, admin)
    expect(problem.parse(response.json()).code).toBe('agents.invalid_spec')
  },
)

test('somebody who may not write agents tests no tools', async () => {
  const person = await rig.api.aHolderOf('org_manager', admin.organizationId ?? '')
  const body = { tool: aTool({ url: origin }), values: {} }
  const response = await rig.api.call(contract.testTool, { body }, person)
  expect(response.statusCode).toBe(403)
  expect(received).toEqual([])
})
