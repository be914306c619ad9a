import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type AgentDraft, agentSpec } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import type { JournalEntry } from '../../../sandbox/kit/journal.ts'
import * as contract from './contract.ts'
import { compareAgentsJob, sweepAgentsJob } from './jobs.ts'
import {
  createAgent,
  getAgent,
  publishAgent,
  pushAgain,
  pushAgent,
  pushDraft,
  saveDraft,
} from './service.ts'
import { type AgentRig, agentRig, aTool, dana } from './testing.ts'

let rig: AgentRig
beforeAll(async () => {
  rig = await agentRig()
})
afterEach(() => {
  rig.faults.clear()
  rig.journal.clear()
})
afterAll(() => rig.close())

const TOOLS = { endCall: true, keypad: false, transfers: [], webhooks: [aTool()] }
const asked = (method: string, path: string): JournalEntry[] =>
  rig.journal
    .entries({ vendor: 'elevenlabs', path })
    .filter((entry) => entry.kind === 'request' && entry.method === method)
const creations = () => asked('POST', '/agents/create').length

async function edit(ctx: Context, agentId: string, change: Partial<AgentDraft>): Promise<void> {
  const { draft, draftRevision } = await getAgent(ctx, agentId)
  const asked = { expectedRevision: draftRevision, spec: { ...draft, ...change } }
  const saved = await saveDraft(ctx, agentId, asked)
  await publishAgent(ctx, agentId, { expectedRevision: saved.draftRevision })
}

/** Long after whoever held a claim has died. */
const later = (ctx: Context): Context => ({
  ...ctx,
  now: () => new Date(Date.now() + 5 * 60_000),
})

test('all that an agent is reaches ElevenLabs', async () => {
  const { ctx } = await rig.anOrganization()
  const documentId = await rig.aDocument(ctx)
  const agentId = await rig.aPublishedAgent(ctx, {
    prompt: 'Greet {{customer}}.',
    variables: [{ name: 'customer', default: 'there' }],
    language: 'de',
    llm: 'gpt-4.1-mini',
    temperature: 0.5,
    turn: { timeoutSeconds: 12, eagerness: 'patient' },
    isInterruptible: false,
    tools: {
      endCall: false,
      keypad: true,
      transfers: [{ number: '+15005550190', condition: 'They ask for a person' }],
      webhooks: [aTool()],
    },
    documentIds: [documentId],
    dataCollection: [{ name: 'budget', type: 'number', description: 'What they can pay' }],
    criteria: [{ name: 'Booked', goal: 'A slot was booked' }],
    maxDurationSeconds: 600,
  })
  await pushAgent(ctx, agentId)
  const agent = await getAgent(ctx, agentId)
  expect(agent).toMatchObject({ syncState: 'in_sync', sync: { pushedVersion: 1, error: null } })
  const [held, ...others] = rig.heldBy(ctx)
  expect(others).toEqual([])
  expect(held).toMatchObject({
    agent_id: agent.elevenLabsAgentId,
    name: 'Dana',
    conversation_config: {
      agent: {
        language: 'de',
        disable_first_message_interruptions: true,
        dynamic_variables: { dynamic_variable_placeholders: { customer: 'there' } },
        prompt: {
          llm: 'gpt-4.1-mini',
          temperature: 0.5,
          built_in_tools: {
            end_call: null,
            play_keypad_touch_tone: { type: 'system' },
            transfer_to_number: {
              params: {
                transfers: [
                  {
                    transfer_destination: { type: 'phone', phone_number: '+15005550190' },
                    condition: 'They ask for a person',
                  },
                ],
              },
            },
          },
          rag: { enabled: true },
        },
      },
      turn: { turn_timeout: 12, turn_eagerness: 'patient' },
      conversation: { max_duration_seconds: 600 },
    },
    platform_settings: {
      data_collection: { budget: { type: 'number', description: 'What they can pay' } },
      evaluation: { criteria: [{ name: 'Booked', conversation_goal_prompt: 'A slot was booked' }] },
    },
  })
  const held_ = JSON.stringify(held)
  expect(held_).not.toContain('"interruption"')
  const { tool_ids, knowledge_base } = (
    held as unknown as {
      conversation_config: {
        agent: { prompt: { tool_ids: string[]; knowledge_base: { id: string }[] } }
      }
    }
  ).conversation_config.agent.prompt
  expect(tool_ids.length).toBe(1)
  expect(await rig.documents()).toContain(knowledge_base[0]?.id)
  expect(asked('POST', '/convai/tools')[0]?.body).toMatchObject({
    tool_config: {
      type: 'webhook',
      name: 'check_slots',
      api_schema: {
        url: 'https://tools.voxcalls.test/slots',
        method: 'POST',
        request_body_schema: {
          type: 'object',
          required: ['day', 'seats'],
          properties: {
            day: { type: 'string', description: 'The day asked for' },
            seats: { type: 'integer', constant_value: 2 },
          },
        },
      },
    },
  })
})

test('pushing twice makes one agent', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  await pushAgent(ctx, agentId)
  const first = await getAgent(ctx, agentId)
  await pushAgent(ctx, agentId)
  const { sync, ...second } = await getAgent(ctx, agentId)
  expect(first).toMatchObject(second)
  expect(sync.state).toBe('in_sync')
  expect(creations()).toBe(1)
  expect(asked('POST', '/convai/tools').length).toBe(1)
})

test('what a version no longer says is gone there as well', async () => {
  const { ctx } = await rig.anOrganization()
  const name = `tool_${Date.now()}`
  const agentId = await rig.aPublishedAgent(ctx, {
    tools: { ...TOOLS, keypad: true, webhooks: [aTool({ name })] },
    variables: [{ name: 'customer', default: 'there' }],
    dataCollection: [{ name: 'budget', type: 'number', description: 'What they can pay' }],
  })
  await pushAgent(ctx, agentId)
  expect(await rig.tools()).toContain(name)
  await edit(ctx, agentId, {
    tools: { ...TOOLS, webhooks: [] },
    variables: [],
    dataCollection: [],
  })
  await pushAgent(ctx, agentId)
  expect(await rig.tools()).not.toContain(name)
  const id = (await getAgent(ctx, agentId)).elevenLabsAgentId ?? ''
  expect(await ctx.vendors.elevenLabs.readAgent(id)).toMatchObject({
    keypad: false,
    toolIds: [],
    variables: {},
    dataCollection: [],
  })
})

test('a tool that changed is another tool, and the agent changes to it in one step', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  await pushAgent(ctx, agentId)
  const before = rig.heldBy(ctx)
  await edit(ctx, agentId, {
    prompt: 'Use the new tool.',
    tools: { ...TOOLS, webhooks: [aTool({ description: 'Finds slots, better.' })] },
  })
  // The new tool is made, and then ElevenLabs fails: callers must have all of the old version.
  rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    method: 'PATCH',
    path: '/convai/agents/',
    times: 3,
    action: { type: 'status', status: 500 },
  })
  await expect(pushAgent(ctx, agentId)).rejects.toMatchObject({ status: 500 })
  expect(rig.heldBy(ctx)).toEqual(before)
  expect((await getAgent(ctx, agentId)).syncState).toBe('failed')
  rig.faults.clear()
  await pushAgent(ctx, agentId)
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
  const rows = await rig.api.database.query<{ count: number }>(
    'admin',
    'select count(*)::int as count from agent_tools where agent_id = $1',
    [agentId],
  )
  expect(rows).toEqual([{ count: 1 }])
})

test('a creation whose answer was lost is found again instead of made twice', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  for (const path of ['/convai/tools', '/agents/create'])
    rig.faults.add({
      vendor: 'elevenlabs',
      on: 'request',
      method: 'POST',
      path,
      action: { type: 'reset', afterBytes: 0 },
    })
  await expect(pushAgent(ctx, agentId)).rejects.toMatchObject({ operation: 'create-tool' })
  expect((await getAgent(ctx, agentId)).sync).toMatchObject({
    state: 'failed',
    error: { code: 'no_answer', message: 'ElevenLabs did not answer.' },
  })
  await expect(pushAgent(ctx, agentId)).rejects.toMatchObject({ operation: 'create-agent' })
  await pushAgent(ctx, agentId)
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
  expect(asked('POST', '/convai/tools').length).toBe(1)
  expect(creations()).toBe(1)
})

test('a refusal is kept in ElevenLabs’ own words and is not tried again by itself', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const message = `<b>No such voice</b> ${'x'.repeat(900)}`
  rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: { type: 'status', status: 400, body: { detail: { code: 'voice_not_found', message } } },
  })
  await pushAgent(ctx, agentId)
  const { sync } = await getAgent(ctx, agentId)
  expect(sync).toMatchObject({ state: 'failed', error: { code: 'voice_not_found' } })
  expect(sync.error?.message).toMatch(/^<b>No such voice/)
  expect(sync.error?.message.length).toBeLessThanOrEqual(500)
  expect(await pushAgain(ctx, agentId)).toMatchObject({ syncState: 'pending' })
  await pushAgent(ctx, agentId)
  expect((await getAgent(ctx, agentId)).sync).toMatchObject({ state: 'in_sync', error: null })
})

test('an agent and a tool that were deleted at ElevenLabs are made anew', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  await pushAgent(ctx, agentId)
  const before = await getAgent(ctx, agentId)
  const id = before.elevenLabsAgentId ?? ''
  const [toolId] = (await ctx.vendors.elevenLabs.readAgent(id))?.toolIds ?? []
  await rig.behindOurBack('DELETE', `/agents/${id}`)
  await rig.behindOurBack('DELETE', `/tools/${toolId}`)
  await pushAgent(ctx, agentId)
  const after = await getAgent(ctx, agentId)
  expect(after.syncState).toBe('in_sync')
  expect(after.elevenLabsAgentId).not.toBe(id)
  const held = await ctx.vendors.elevenLabs.readAgent(after.elevenLabsAgentId ?? '')
  expect(held?.toolIds).not.toContain(toolId)
  expect(held?.toolIds.length).toBe(1)
})

test('what is published while a push runs is what ElevenLabs holds in the end', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  await pushAgent(ctx, agentId)
  await edit(ctx, agentId, { prompt: 'Second.' })
  const block = rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    method: 'PATCH',
    path: '/convai/agents/',
    action: { type: 'block' },
  })
  const running = pushAgent(ctx, agentId)
  await expect.poll(() => block.fired).toBe(1)
  await edit(ctx, agentId, { prompt: 'Third.' })
  // Its job comes while the first one still runs: it must not overtake it, nor be lost.
  rig.api.sent.length = 0
  await pushAgent(ctx, agentId)
  expect(rig.api.sent.map(({ name }) => name)).toEqual(['agents.push-agent'])
  rig.faults.release(block.id)
  rig.api.sent.length = 0
  await running
  expect((await getAgent(ctx, agentId)).syncState).toBe('pending')
  expect(rig.api.sent.map(({ name }) => name)).toEqual(['agents.push-agent'])
  await pushAgent(ctx, agentId)
  expect(await getAgent(ctx, agentId)).toMatchObject({
    syncState: 'in_sync',
    publishedVersion: 3,
    sync: { pushedVersion: 3 },
  })
  const prompts = rig.heldBy(ctx).map((held) => JSON.stringify(held))
  expect(prompts.length).toBe(1)
  expect(prompts[0]).toContain('Third.')
})

test('two pushes of one new agent at once make one agent', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  await Promise.all([pushAgent(ctx, agentId), pushAgent(ctx, agentId), pushAgent(ctx, agentId)])
  expect(creations()).toBe(1)
  expect(rig.heldBy(ctx).length).toBe(1)
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
})

test('a process that stood still for too long writes nothing any more and leaves nothing behind', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const block = rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: { type: 'block' },
  })
  const asleep = pushAgent(ctx, agentId).catch((error: Error) => error.name)
  await expect.poll(() => block.fired).toBe(1)
  await pushAgent(later(ctx), agentId)
  const now = await getAgent(ctx, agentId)
  expect(now.syncState).toBe('in_sync')
  rig.faults.release(block.id)
  expect(await asleep).toBe('ClaimLost')
  expect(await getAgent(ctx, agentId)).toEqual(now)
  expect(rig.heldBy(ctx).map(({ agent_id }) => agent_id)).toEqual([now.elevenLabsAgentId])
})

test('a paused organization’s agents wait, and the sweep picks them up afterwards', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const setStatus = (status: string) =>
    rig.api.database.query('admin', 'update organizations set status = $2 where id = $1', [
      ctx.organizationId,
      status,
    ])
  const data = { organizationId: ctx.organizationId, agentId }
  const swept = async () => {
    rig.api.sent.length = 0
    await sweepAgentsJob.run(rig.api.ctx, {})
    return rig.api.sent
  }
  await setStatus('paused')
  await pushAgent(ctx, agentId)
  expect(rig.heldBy(ctx)).toEqual([])
  expect(await swept()).not.toContainEqual({ name: 'agents.push-agent', data })
  await setStatus('active')
  expect(await swept()).toContainEqual({ name: 'agents.push-agent', data })
  await pushAgent(ctx, agentId)
  expect(await swept()).not.toContainEqual({ name: 'agents.push-agent', data })
})

test('a document that is not there any more is left out of what is pushed', async () => {
  const { ctx } = await rig.anOrganization()
  const [kept, gone] = [await rig.aDocument(ctx), await rig.aDocument(ctx)]
  const agentId = await rig.aPublishedAgent(ctx, { documentIds: [kept, gone] })
  const text = 'update knowledge_documents set deleted_at = now() where id = $1'
  await rig.api.database.query('admin', text, [gone])
  await pushAgent(ctx, agentId)
  const { elevenLabsAgentId, syncState, draftProblems } = await getAgent(ctx, agentId)
  expect(syncState).toBe('in_sync')
  expect(draftProblems).toEqual([{ path: 'documentIds.1', message: 'is no longer there' }])
  const held = await ctx.vendors.elevenLabs.readAgent(elevenLabsAgentId ?? '')
  expect(held?.documentIds.length).toBe(1)
})

test('the draft is held by an agent of its own, which changes only with the draft', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  await pushAgent(ctx, agentId)
  const published = (await getAgent(ctx, agentId)).elevenLabsAgentId
  const spec = agentSpec.parse({
    ...dana,
    prompt: 'Draft.',
    maxDurationSeconds: 300,
    tools: TOOLS,
  })
  await saveDraft(ctx, agentId, { expectedRevision: 1, spec })
  const [one, other] = await Promise.all([pushDraft(ctx, agentId), pushDraft(ctx, agentId)])
  expect(one).toEqual(other)
  expect(one).toMatchObject({ voiceId: dana.voiceId, maxDurationSeconds: 300 })
  expect(one.elevenLabsAgentId).not.toBe(published)
  expect(rig.heldBy(ctx).length).toBe(2)
  expect(await ctx.vendors.elevenLabs.readAgent(one.elevenLabsAgentId)).toMatchObject({
    name: 'Dana (draft)',
    prompt: 'Draft.',
  })
  expect(await ctx.vendors.elevenLabs.readAgent(published ?? '')).toMatchObject({
    prompt: dana.prompt,
  })
  rig.journal.clear()
  expect(await pushDraft(ctx, agentId)).toEqual(one)
  expect(rig.journal.entries({ vendor: 'elevenlabs' })).toEqual([])
  await saveDraft(ctx, agentId, { expectedRevision: 2, spec: { ...spec, prompt: 'Newer.' } })
  expect(await pushDraft(ctx, agentId)).toEqual(one)
  expect(await ctx.vendors.elevenLabs.readAgent(one.elevenLabsAgentId)).toMatchObject({
    prompt: 'Newer.',
  })
})

test('a draft that cannot be tried is refused before anything is made', async () => {
  const { ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana' })
  await expect(pushDraft(ctx, id)).rejects.toMatchObject({ code: 'agents.not_publishable' })
  expect(rig.heldBy(ctx)).toEqual([])
})

test('a test of a draft that fails on its way leaves the agent free for the next one', async () => {
  const { ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: { type: 'reset', afterBytes: 0 },
  })
  await expect(pushDraft(ctx, id)).rejects.toMatchObject({ vendor: 'elevenlabs' })
  const { elevenLabsAgentId } = await pushDraft(ctx, id)
  expect(rig.heldBy(ctx).map(({ agent_id }) => agent_id)).toEqual([elevenLabsAgentId])
})

test('a draft that ElevenLabs refuses is refused in its words', async () => {
  const { ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: {
      type: 'status',
      status: 400,
      body: { detail: { code: 'voice_not_found', message: 'No such voice.' } },
    },
  })
  await expect(pushDraft(ctx, id)).rejects.toMatchObject({
    code: 'agents.refused_by_vendor',
    message: 'ElevenLabs refused the draft: No such voice.',
  })
})

test('what was never compared comes first in the hourly round, and each once', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  await pushAgent(ctx, agentId)
  const data = { organizationId: ctx.organizationId, agentId }
  rig.api.sent.length = 0
  await compareAgentsJob.run(rig.api.ctx, {})
  expect(rig.api.sent).not.toContainEqual({ name: 'agents.compare-agent', data })
  const inTwoHours = { ...rig.api.ctx, now: () => new Date(Date.now() + 2 * 3_600_000) }
  await compareAgentsJob.run(inTwoHours, {})
  expect(rig.api.sent).toContainEqual({ name: 'agents.compare-agent', data })
})

test('a push whose tries are used up is tried again an hour later; a refused one waits for somebody', async () => {
  const { ctx } = await rig.anOrganization()
  const [failing, refused] = [await rig.aPublishedAgent(ctx), await rig.aPublishedAgent(ctx)]
  const answers = (status: number, times: number) =>
    rig.faults.add({
      vendor: 'elevenlabs',
      on: 'request',
      path: '/agents/create',
      times,
      action: { type: 'status', status },
    })
  answers(503, 1)
  await expect(pushAgent(ctx, failing)).rejects.toMatchObject({ status: 503 })
  answers(400, 1)
  await pushAgent(ctx, refused)
  for (const id of [failing, refused]) expect((await getAgent(ctx, id)).syncState).toBe('failed')

  const roundAfter = async (hours: number) => {
    const from = rig.api.sent.length
    const later = { ...rig.api.ctx, now: () => new Date(Date.now() + hours * 3_600_000) }
    await compareAgentsJob.run(later, {})
    return rig.api.sent
      .slice(from)
      .filter(({ data }) => [failing, refused].some((id) => JSON.stringify(data).includes(id)))
  }
  expect(await roundAfter(0.9)).toEqual([])
  const data = { organizationId: ctx.organizationId, agentId: failing }
  expect(await roundAfter(1.1)).toEqual([{ name: 'agents.push-agent', data }])
  await pushAgent(ctx, failing)
  expect((await getAgent(ctx, failing)).syncState).toBe('in_sync')
})

test('tools carry a key, and another one once it was replaced', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx, { tools: TOOLS })
  const none = await rig.api.call(contract.getToolKey, {}, admin)
  expect(none.json()).toEqual({ header: 'x-voxcalls-tool-key', lastFour: null, createdAt: null })
  await pushAgent(ctx, agentId)
  await pushDraft(ctx, agentId)
  const first = await rig.toolIds(agentId)
  const known = contract.getToolKey.response.parse(
    (await rig.api.call(contract.getToolKey, {}, admin)).json(),
  )
  const sent = asked('POST', '/convai/tools').map(({ body }) => JSON.stringify(body))
  expect(sent.length).toBe(2)
  expect(sent.every((body) => body.includes(`${known.lastFour}"`))).toBe(true)

  const replaced = await rig.api.call(contract.replaceToolKey, {}, admin)
  expect(replaced.statusCode).toBe(201)
  const { key } = contract.replaceToolKey.response.parse(replaced.json())
  expect(await getAgent(ctx, agentId)).toMatchObject({ syncState: 'pending' })
  rig.journal.clear()
  await pushAgent(ctx, agentId)
  await pushDraft(ctx, agentId)
  const again = asked('POST', '/convai/tools').map(({ body }) => JSON.stringify(body))
  expect(again.length).toBe(2)
  expect(again.every((body) => body.includes(key))).toBe(true)
  const second = await rig.toolIds(agentId)
  expect(second.length).toBe(2)
  expect(second.filter((id) => first.includes(id))).toEqual([])
  const stored = await rig.api.database.query('admin', 'select secret from agent_tool_keys')
  expect(JSON.stringify(stored)).not.toContain(key)
})

test('two first pushes at once agree on one key', async () => {
  const { ctx } = await rig.anOrganization()
  const ids = [
    await rig.aPublishedAgent(ctx, { tools: TOOLS }),
    await rig.aPublishedAgent(ctx, { tools: TOOLS }),
  ]
  await Promise.all(ids.map((id) => pushAgent(ctx, id)))
  const keys = asked('POST', '/convai/tools').map(
    ({ body }) => /"voxtool_[^"]+"/.exec(JSON.stringify(body))?.[0],
  )
  expect(keys.length).toBe(2)
  expect(new Set(keys).size).toBe(1)
})
