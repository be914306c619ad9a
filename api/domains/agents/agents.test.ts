import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Context, forOrganization } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import * as contract from './contract.ts'
import { createAgent, getAgent, pushAgent } from './service.ts'

const faults = new Faults()
const journal = new Journal()
const dana = {
  name: 'Dana',
  prompt: 'We open at eight.',
  firstMessage: 'Hello.',
  voiceId: 'sbx0000000000000Alma',
}
let elevenLabs: ElevenLabsStandIn
let api: TestApi
beforeAll(async () => {
  elevenLabs = await startElevenLabs({
    port: 0,
    apiKey: 'sandbox-elevenlabs-key',
    webhookSecret: 'wsec_sandbox',
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    twilioUrl: 'http://127.0.0.1:9',
  })
  api = await testApi({ ELEVENLABS_BASE_URL: elevenLabs.url })
})
afterEach(() => {
  faults.clear()
  journal.clear()
})
afterAll(async () => {
  await api.close()
  await elevenLabs.close()
})

async function anOrganization() {
  const admin = await api.aHolderOf('admin')
  const ctx: Context = forOrganization(api.ctx, admin.organizationId ?? '')
  return { admin, ctx }
}
const creations = () => journal.entries({ vendor: 'elevenlabs', path: '/agents/create' }).length

test('a new agent waits for its job, which takes it to ElevenLabs', async () => {
  const { ctx } = await anOrganization()
  const agent = await createAgent(ctx, dana)
  expect(agent).toMatchObject({ name: 'Dana', syncState: 'pending', elevenLabsAgentId: null })
  const data = { organizationId: ctx.organizationId, agentId: agent.id }
  expect(api.sent).toContainEqual({ name: 'agents.push-agent', data })

  await pushAgent(ctx, agent.id)
  const pushed = await getAgent(ctx, agent.id)
  expect(pushed.syncState).toBe('in_sync')
  const held = elevenLabs.agents().find(({ agent_id }) => agent_id === pushed.elevenLabsAgentId)
  expect(held).toMatchObject({ name: 'Dana' })
})

test('pushing twice makes one agent', async () => {
  const { ctx } = await anOrganization()
  const agent = await createAgent(ctx, dana)
  await pushAgent(ctx, agent.id)
  const first = await getAgent(ctx, agent.id)
  await pushAgent(ctx, agent.id)
  expect(await getAgent(ctx, agent.id)).toEqual(first)
  expect(creations()).toBe(1)
})

test('a creation whose answer was lost is found again instead of made twice', async () => {
  const { ctx } = await anOrganization()
  const agent = await createAgent(ctx, dana)
  faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: { type: 'reset', afterBytes: 0 },
  })
  await expect(pushAgent(ctx, agent.id)).rejects.toMatchObject({ vendor: 'elevenlabs' })
  expect((await getAgent(ctx, agent.id)).syncState).toBe('failed')
  await pushAgent(ctx, agent.id)
  expect((await getAgent(ctx, agent.id)).syncState).toBe('in_sync')
  expect(creations()).toBe(1)
})

test('an agent that was deleted at ElevenLabs is made anew', async () => {
  const { ctx } = await anOrganization()
  const agent = await createAgent(ctx, dana)
  await pushAgent(ctx, agent.id)
  const before = (await getAgent(ctx, agent.id)).elevenLabsAgentId
  const url = `${elevenLabs.url}/v1/convai/agents/${before}`
  await fetch(url, { method: 'DELETE', headers: { 'xi-api-key': 'sandbox-elevenlabs-key' } })
  await pushAgent(ctx, agent.id)
  const after = await getAgent(ctx, agent.id)
  expect(after.syncState).toBe('in_sync')
  expect(after.elevenLabsAgentId).not.toBe(before)
})

test('agents are listed newest first, page by page, and never another organization’s', async () => {
  const { admin, ctx } = await anOrganization()
  const names = ['one', 'two', 'three']
  for (const name of names) await createAgent(ctx, { ...dana, name })
  const other = await anOrganization()
  const foreign = await createAgent(other.ctx, dana)

  const seen: string[] = []
  let cursor: string | null | undefined
  do {
    const query = { limit: 2, ...(cursor && { cursor }) }
    const response = await api.call(contract.listAgents, { query }, admin)
    const page = contract.listAgents.response.parse(response.json())
    seen.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor
  } while (cursor)
  expect(seen).toEqual(['three', 'two', 'one'])

  const params = { agentId: foreign.id }
  const response = await api.call(contract.getAgent, { params }, admin)
  expect(response.statusCode).toBe(404)
  expect(problem.parse(response.json()).code).toBe('request.not_found')
})
