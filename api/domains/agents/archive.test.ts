import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import type { Context } from '#api/core/context.ts'
import * as contract from './contract.ts'
import { eraseAgentJob, sweepAgentsJob } from './jobs.ts'
import { archiveAgent, createAgent, getAgent, pushAgent, pushDraft } from './service.ts'
import { type AgentRig, agentRig, aTool, dana } from './testing.ts'

let rig: AgentRig
beforeAll(async () => {
  rig = await agentRig()
})
afterEach(() => rig.faults.clear())
afterAll(() => rig.close())

const erase = (ctx: Context, agentId: string) =>
  eraseAgentJob.run(rig.api.ctx, { organizationId: ctx.organizationId ?? '', agentId })

/** Held twice at ElevenLabs, with a tool of each kind. */
async function aWholeAgent(ctx: Context, name: string): Promise<string> {
  const agentId = await rig.aPublishedAgent(ctx, {
    tools: { endCall: true, keypad: false, transfers: [], webhooks: [aTool({ name })] },
    documentIds: [await rig.aDocument(ctx)],
  })
  await pushAgent(ctx, agentId)
  await pushDraft(ctx, agentId)
  return agentId
}

test('an archived agent is gone for everybody, and nothing of it stays at ElevenLabs', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const agentId = await aWholeAgent(ctx, 'to_be_gone')
  expect(rig.heldBy(ctx).length).toBe(2)
  const asked = { params: { agentId }, body: {} }
  expect((await rig.api.call(contract.archiveAgent, asked, admin)).statusCode).toBe(204)
  await expect(getAgent(ctx, agentId)).rejects.toMatchObject({ code: 'request.not_found' })
  expect((await rig.api.call(contract.archiveAgent, asked, admin)).statusCode).toBe(404)
  expect(rig.api.sent).toContainEqual({
    name: 'agents.erase-agent',
    data: { organizationId: ctx.organizationId, agentId },
  })
  const used = 'select from agent_documents where agent_id = $1'
  expect(await rig.api.database.query('admin', used, [agentId])).toEqual([])

  await erase(ctx, agentId)
  expect(rig.heldBy(ctx)).toEqual([])
  expect(await rig.tools()).not.toContain('to_be_gone')
  // A push that comes late makes nothing of it again.
  await pushAgent(ctx, agentId)
  expect(rig.heldBy(ctx)).toEqual([])
})

test('an agent that a number leads to is archived only by its name', async () => {
  const { admin, ctx } = await rig.anOrganization()
  const { id } = await createAgent(ctx, { name: 'Dana', spec: dana })
  await rig.api.database.query(
    'admin',
    `insert into phone_numbers (organization_id, id, e164, agent_id, twilio_account_sid)
     values ($1, $2, '+15005550143', $3, $4)`,
    [ctx.organizationId, randomUUID(), id, `AC${'0'.repeat(32)}`],
  )
  const asked = (body: { confirmName?: string }) =>
    rig.api.call(contract.archiveAgent, { params: { agentId: id }, body }, admin)
  for (const body of [{}, { confirmName: 'dana?' }])
    expect(problem.parse((await asked(body)).json()).code).toBe('agents.number_attached')
  expect((await asked({ confirmName: 'Dana' })).statusCode).toBe(204)
})

test('an erasure that failed is done by the next one, and one that was lost is swept up', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await aWholeAgent(ctx, 'half_gone')
  await archiveAgent(ctx, agentId, {})
  rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    method: 'DELETE',
    path: '/convai/tools/',
    times: 3,
    action: { type: 'status', status: 500 },
  })
  await expect(erase(ctx, agentId)).rejects.toMatchObject({ status: 500 })
  rig.api.sent.length = 0
  await sweepAgentsJob.run(rig.api.ctx, {})
  const data = { organizationId: ctx.organizationId, agentId }
  expect(rig.api.sent).toContainEqual({ name: 'agents.erase-agent', data })
  rig.faults.clear()
  await erase(ctx, agentId)
  expect(rig.heldBy(ctx)).toEqual([])
  expect(await rig.tools()).not.toContain('half_gone')
  rig.api.sent.length = 0
  await sweepAgentsJob.run(rig.api.ctx, {})
  expect(rig.api.sent).not.toContainEqual({ name: 'agents.erase-agent', data })
})

test('an agent that is archived while it is pushed leaves nothing behind', async () => {
  const { ctx } = await rig.anOrganization()
  const agentId = await rig.aPublishedAgent(ctx)
  const block = rig.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    action: { type: 'block' },
  })
  const pushing = pushAgent(ctx, agentId)
  await expect.poll(() => block.fired).toBe(1)
  await archiveAgent(ctx, agentId, {})
  rig.api.sent.length = 0
  // The erasure waits for the push instead of running past it.
  await erase(ctx, agentId)
  expect(rig.api.sent.map(({ name }) => name)).toEqual(['agents.erase-agent'])
  rig.faults.release(block.id)
  await pushing
  await erase(ctx, agentId)
  expect(rig.heldBy(ctx)).toEqual([])
})
