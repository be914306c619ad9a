import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteDocument } from '../knowledge/service.ts'
import { forgetDocumentJob } from './forget-document.ts'
import { getAgent, pushAgent } from './service.ts'
import { type AgentRig, agentRig } from './testing.ts'

let rig: AgentRig
beforeAll(async () => {
  rig = await agentRig()
})
afterAll(() => rig.close())

test('an agent is pushed without a document that was deleted, and others are left alone', async () => {
  const { ctx } = await rig.anOrganization()
  const organizationId = ctx.organizationId ?? ''
  const [kept, gone] = [await rig.aDocument(ctx), await rig.aDocument(ctx)]
  const agentId = await rig.aPublishedAgent(ctx, { documentIds: [kept, gone] })
  const other = await rig.aPublishedAgent(ctx, { documentIds: [kept] })
  for (const id of [agentId, other]) await pushAgent(ctx, id)
  await deleteDocument(ctx, gone)
  rig.api.sent.length = 0
  await forgetDocumentJob.run(rig.api.ctx, { organizationId, documentId: gone })
  expect(rig.api.sent).toEqual([{ name: 'agents.push-agent', data: { organizationId, agentId } }])
  expect((await getAgent(ctx, agentId)).syncState).toBe('pending')

  await pushAgent(ctx, agentId)
  const knowing = (documents: object[]) => ({
    conversation_config: { agent: { prompt: { knowledge_base: documents } } },
  })
  expect(rig.heldBy(ctx)).toMatchObject([knowing([{}]), knowing([{}])])
  expect((await getAgent(ctx, agentId)).syncState).toBe('in_sync')
  await forgetDocumentJob.run(rig.api.ctx, { organizationId, documentId: kept })
  expect(rig.api.sent.at(-1)).toMatchObject({ name: 'agents.push-agent' })
})
