import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import type { Context } from '#api/core/context.ts'
import * as contract from './contract.ts'
import { compareAgentJob } from './jobs.ts'
import {
  checkDrift,
  createAgent,
  getAgent,
  pushAgent,
  renameAgent,
  resolveDrift,
  saveDraft,
} from './service.ts'
import { type AgentRig, agentRig, aTool, dana } from './testing.ts'

let rig: AgentRig
beforeAll(async () => {
  rig = await agentRig()
})
afterEach(() => rig.faults.clear())
afterAll(() => rig.close())

async function aPushedAgent(ctx: Context, spec: Parameters<AgentRig['aPublishedAgent']>[1] = {}) {
  const agentId = await rig.aPublishedAgent(ctx, spec)
  await pushAgent(ctx, agentId)
  const { elevenLabsAgentId } = await getAgent(ctx, agentId)
  return { agentId, path: `/agents/${elevenLabsAgentId}` }
}

const changedThere = {
  conversation_config: {
    agent: { first_message: 'Good day.', prompt: { prompt: 'We open at noon.' } },
  },
}

test('what ElevenLabs holds unchanged is in sync, by hand and in the hourly round', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const documentId = await rig.aDocument(ctx)
  const { agentId } = await aPushedAgent(ctx, {
    documentIds: [documentId],
    tools: {
      endCall: true,
      keypad: true,
      transfers: [{ number: '+15005550190', condition: 'Asked for' }],
      webhooks: [aTool()],
    },
    variables: [{ name: 'customer', default: 'there' }],
    dataCollection: [
      { name: 'zeal', type: 'string', description: 'How eager' },
      { name: 'budget', type: 'number', description: 'What they can pay' },
    ],
    criteria: [{ name: 'Booked', goal: 'A slot was booked' }],
  })
  const response = await rig.api.call(contract.checkDrift, { params: { agentId } }, admin)
  expect(response.json()).toMatchObject({ syncState: 'in_sync', sync: { drift: null } })
  const organizationId = ctx.organizationId ?? ''
  await compareAgentJob.run(rig.api.ctx, { organizationId, agentId })
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
})

test('what somebody changed there is seen with both sides, and undone by keeping ours', async () => {
  const { ctx } = await rig.anOrganization()
  const { agentId, path } = await aPushedAgent(ctx)
  await rig.behindOurBack('PATCH', path, changedThere)
  const drifted = await checkDrift(ctx, agentId)
  expect(drifted.syncState).toBe('drifted')
  expect(drifted.sync.drift?.differences).toEqual([
    { path: 'prompt', before: dana.prompt, after: 'We open at noon.' },
    { path: 'firstMessage', before: dana.firstMessage, after: 'Good day.' },
  ])
  // Looked at again, it is the same drift, found when it was found.
  expect((await checkDrift(ctx, agentId)).sync.drift).toEqual(drifted.sync.drift)

  rig.api.sent.length = 0
  expect(await resolveDrift(ctx, agentId, { keep: 'ours' })).toMatchObject({ syncState: 'pending' })
  expect(rig.api.sent.map(({ name }) => name)).toEqual(['agents.push-agent'])
  await pushAgent(ctx, agentId)
  expect((await checkDrift(ctx, agentId)).sync).toMatchObject({ state: 'in_sync', drift: null })
  const id = (await getAgent(ctx, agentId)).elevenLabsAgentId ?? ''
  expect(await ctx.vendors.elevenLabs.readAgent(id)).toMatchObject({ prompt: dana.prompt })
})

test('theirs comes into the draft as far as it can be said there', async () => {
  const { ctx } = await rig.anOrganization()
  const kept = await rig.aDocument(ctx)
  const { agentId, path } = await aPushedAgent(ctx, {
    documentIds: [kept],
    tools: { endCall: true, keypad: false, transfers: [], webhooks: [aTool()] },
  })
  await rig.behindOurBack('PATCH', path, {
    conversation_config: {
      ...changedThere.conversation_config,
      agent: {
        first_message: 'Good day.',
        // A language of theirs that we do not know.
        language: 'tlh',
        prompt: { prompt: 'We open at noon.', built_in_tools: { end_call: null } },
      },
    },
    platform_settings: {
      data_collection: { budget: { type: 'number', description: 'What they can pay' } },
    },
  })
  await checkDrift(ctx, agentId)
  await expect(
    resolveDrift(ctx, agentId, { keep: 'theirs', expectedRevision: 7 }),
  ).rejects.toMatchObject({ code: 'agents.changed_elsewhere' })
  const taken = await resolveDrift(ctx, agentId, { keep: 'theirs', expectedRevision: 1 })
  expect(taken).toMatchObject({
    draftRevision: 2,
    hasUnpublishedChanges: true,
    draft: {
      prompt: 'We open at noon.',
      firstMessage: 'Good day.',
      language: 'en',
      documentIds: [kept],
      tools: { endCall: false, webhooks: [{ name: 'check_slots' }] },
      dataCollection: [{ name: 'budget', type: 'number' }],
    },
  })
})

test('an agent that is gone there is drifted, and only ours can be kept', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const { agentId, path } = await aPushedAgent(ctx)
  await rig.behindOurBack('DELETE', path)
  expect((await checkDrift(ctx, agentId)).sync.drift).toMatchObject({
    isGone: true,
    differences: [],
  })
  const params = { agentId }
  const theirs = { keep: 'theirs' as const, expectedRevision: 1 }
  const refused = await rig.api.call(contract.resolveDrift, { params, body: theirs }, admin)
  expect(problem.parse(refused.json()).code).toBe('agents.gone_at_vendor')
  await resolveDrift(ctx, agentId, { keep: 'ours' })
  await pushAgent(ctx, agentId)
  expect((await checkDrift(ctx, agentId)).syncState).toBe('in_sync')
})

test('a tool that is gone there is a drift of every agent that names it', async () => {
  const { ctx } = await rig.anOrganization()
  const tools = { endCall: true, keypad: false, transfers: [], webhooks: [aTool()] }
  const { agentId } = await aPushedAgent(ctx, { tools })
  const [toolId] = await rig.toolIds(agentId)
  await rig.behindOurBack('DELETE', `/tools/${toolId}?force=true`)
  expect((await checkDrift(ctx, agentId)).sync.drift?.differences).toEqual([
    { path: 'toolIds.0', before: toolId },
  ])
  await resolveDrift(ctx, agentId, { keep: 'ours' })
  await pushAgent(ctx, agentId)
  expect((await checkDrift(ctx, agentId)).syncState).toBe('in_sync')
})

test('another name here leaves a drift to be decided', async () => {
  const { ctx } = await rig.anOrganization()
  const { agentId, path } = await aPushedAgent(ctx)
  await rig.behindOurBack('PATCH', path, changedThere)
  await checkDrift(ctx, agentId)
  rig.api.sent.length = 0
  expect(await renameAgent(ctx, agentId, { name: 'Dora' })).toMatchObject({ syncState: 'drifted' })
  expect(rig.api.sent).toEqual([])
})

test('a change that was undone there is no drift any more', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const { agentId, path } = await aPushedAgent(ctx)
  await rig.behindOurBack('PATCH', path, { name: 'Somebody' })
  expect((await checkDrift(ctx, agentId)).syncState).toBe('drifted')
  await rig.behindOurBack('PATCH', path, { name: 'Dana' })
  expect((await checkDrift(ctx, agentId)).syncState).toBe('in_sync')
  const asked = { params: { agentId }, body: { keep: 'ours' as const } }
  const response = await rig.api.call(contract.resolveDrift, asked, admin)
  expect(problem.parse(response.json()).code).toBe('agents.not_drifted')
})

test('a document that was deleted here is missing there rightly', async () => {
  const { ctx } = await rig.anOrganization()
  const documentId = await rig.aDocument(ctx)
  const { agentId } = await aPushedAgent(ctx, { documentIds: [documentId] })
  const [copy] = await rig.api.database.query<{ id: string }>(
    'admin',
    `update knowledge_documents set deleted_at = now() where id = $1 returning elevenlabs_document_id as id`,
    [documentId],
  )
  await ctx.vendors.elevenLabs.deleteDocument(copy?.id ?? '')
  expect((await checkDrift(ctx, agentId)).syncState).toBe('in_sync')
})

test('a comparison that a push overtook changes nothing', async () => {
  const { ctx } = await rig.anOrganization()
  const { agentId, path } = await aPushedAgent(ctx)
  await rig.behindOurBack('PATCH', path, changedThere)
  const block = rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    method: 'GET',
    path,
    action: { type: 'block' },
  })
  const comparing = checkDrift(ctx, agentId)
  await expect.poll(() => block.fired).toBe(1)
  const { draft } = await getAgent(ctx, agentId)
  await saveDraft(ctx, agentId, { expectedRevision: 1, spec: { ...draft, prompt: 'Newer.' } })
  await rig.api.call(
    contract.publishAgent,
    { params: { agentId }, body: { expectedRevision: 2 } },
    await rig.api.aHolderOf('admin', ctx.organizationId ?? ''),
  )
  await pushAgent(ctx, agentId)
  rig.faults.release(block.id)
  await comparing
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
})

test('what was never published has nothing to be compared', async () => {
  const { ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  await expect(checkDrift(ctx, id)).rejects.toMatchObject({ code: 'agents.never_published' })
})
