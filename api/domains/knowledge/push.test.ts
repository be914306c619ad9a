import { randomUUIDv7 } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Context, forOrganization } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../../sandbox/openai/start.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import * as contract from './contract.ts'
import { eraseDocumentJob, ingestDocumentJob, sweepCopiesJob } from './jobs.ts'
import { addText, deleteDocument, getDocument, pushDocument, retryDocument } from './service.ts'

const faults = new Faults()
const journal = new Journal()
const apiKey = 'sandbox-elevenlabs-key'
let elevenLabs: ElevenLabsStandIn
let openAi: OpenAiStandIn
let api: TestApi
beforeAll(async () => {
  openAi = await startOpenAi({ port: 0, apiKey: 'sk-sandbox', journal, faults })
  elevenLabs = await startElevenLabs({
    port: 0,
    apiKey,
    webhookSecret: 'wsec_sandbox',
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    twilioUrl: 'http://127.0.0.1:9',
  })
  api = await testApi({
    OPENAI_API_KEY: 'sk-sandbox',
    OPENAI_BASE_URL: openAi.url,
    ELEVENLABS_BASE_URL: elevenLabs.url,
  })
})
afterEach(() => {
  faults.clear()
  journal.clear()
})
afterAll(async () => {
  await api.close()
  await elevenLabs.close()
  await openAi.close()
})

type Desk = { admin: Person; ctx: Context; id: string }
const text = 'Refunds are paid back within five working days.'

async function aDocument(isRead = true): Promise<Desk> {
  const admin = await api.aHolderOf('admin')
  const ctx = forOrganization(api.ctx, admin.organizationId ?? '')
  const { id } = await addText(ctx, { title: 'Refunds', text })
  if (isRead) await ingestDocumentJob.run(api.ctx, dataOf({ admin, ctx, id }))
  return { admin, ctx, id }
}
const dataOf = ({ ctx, id }: Desk) => ({
  organizationId: ctx.organizationId ?? '',
  documentId: id,
})
const erase = (desk: Desk) => eraseDocumentJob.run(api.ctx, dataOf(desk))
const later = (minutes: number): Context => ({
  ...api.ctx,
  now: () => new Date(Date.now() + minutes * 60_000),
})
const sweep = () => sweepCopiesJob.run(later(60), {})
const stateOf = async ({ ctx, id }: Desk) => {
  const { vendorState, vendorError } = await getDocument(ctx, id)
  return { vendorState, vendorError }
}
const inSync = { vendorState: 'in_sync', vendorError: null }

async function copiesOf(id: string): Promise<string[]> {
  const { items } = await api.ctx.vendors.elevenLabs.listDocuments({
    namePrefix: `voxcalls-document:${id}`,
  })
  return items.map(({ elevenLabsDocumentId }) => elevenLabsDocumentId)
}
const aCopy = (documentId: string) =>
  api.ctx.vendors.elevenLabs.createDocument({
    name: `voxcalls-document:${documentId} Refunds`,
    text,
  })
const atVendor = (path: string, method = 'GET', body?: object) =>
  fetch(`${elevenLabs.url}${path}`, {
    method,
    headers: { 'xi-api-key': apiKey, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
const failCreation = (action: Parameters<Faults['add']>[0]['action']) =>
  faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    method: 'POST',
    path: '/knowledge-base/text',
    action,
  })

test('a document is taken to ElevenLabs with what it says, once however often it is asked for', async () => {
  const desk = await aDocument()
  expect(await stateOf(desk)).toEqual({ vendorState: 'none', vendorError: null })
  const copyId = await pushDocument(desk.ctx, desk.id)
  expect(await pushDocument(desk.ctx, desk.id)).toBe(copyId)
  expect(await copiesOf(desk.id)).toEqual([copyId])
  expect(await stateOf(desk)).toEqual(inSync)
  const content = await atVendor(`/v1/convai/knowledge-base/${copyId}/content`)
  expect(await content.text()).toBe(text)
})

test('two who push at once are told the same copy, and no second one stays', async () => {
  const desk = await aDocument()
  const told = await Promise.all([1, 2, 3].map(() => pushDocument(desk.ctx, desk.id)))
  expect(new Set(told).size).toBe(1)
  expect(await copiesOf(desk.id)).toEqual([told[0]])
})

test('a creation whose answer was lost is found again instead of made twice', async () => {
  const desk = await aDocument()
  failCreation({ type: 'reset', afterBytes: 0 })
  await expect(pushDocument(desk.ctx, desk.id)).rejects.toMatchObject({ vendor: 'elevenlabs' })
  expect(await stateOf(desk)).toEqual({ vendorState: 'failed', vendorError: null })
  const [lost] = await copiesOf(desk.id)
  expect(await pushDocument(desk.ctx, desk.id)).toBe(lost)
  expect(await copiesOf(desk.id)).toEqual([lost])
})

test('a copy that was deleted at ElevenLabs is made anew', async () => {
  const desk = await aDocument()
  const before = await pushDocument(desk.ctx, desk.id)
  await atVendor(`/v1/convai/knowledge-base/${before}`, 'DELETE')
  const after = await pushDocument(desk.ctx, desk.id)
  expect(after).not.toBe(before)
  expect(await copiesOf(desk.id)).toEqual([after])
})

test('a refusal is shown in the vendor’s words and tried again on request', async () => {
  const desk = await aDocument()
  const detail = { status: 'quota_exceeded', message: 'This request exceeds your quota.' }
  failCreation({ type: 'status', status: 401, body: { detail } })
  await expect(pushDocument(desk.ctx, desk.id)).rejects.toMatchObject({ status: 401 })
  expect(await stateOf(desk)).toEqual({
    vendorState: 'failed',
    vendorError: 'This request exceeds your quota.',
  })
  const again = await retryDocument(desk.ctx, desk.id)
  expect(again).toMatchObject({ state: 'ready', vendorState: 'pending', vendorError: null })
  expect(api.sent).toContainEqual({ name: 'knowledge.push-document', data: dataOf(desk) })
})

test('a document nobody has read yet, a deleted one and another organization’s are not pushed', async () => {
  const unread = await aDocument(false)
  await expect(pushDocument(unread.ctx, unread.id)).rejects.toMatchObject({
    code: 'knowledge.not_ready',
  })
  const deleted = await aDocument()
  await deleteDocument(deleted.ctx, deleted.id)
  const other = await aDocument()
  for (const id of [deleted.id, unread.id, randomUUIDv7()])
    await expect(pushDocument(other.ctx, id)).rejects.toMatchObject({ code: 'request.not_found' })
  expect(journal.entries({ vendor: 'elevenlabs' })).toEqual([])
})

test('a deleted document leaves ElevenLabs, also where an agent has it, and agents are told', async () => {
  const desk = await aDocument()
  const copyId = await pushDocument(desk.ctx, desk.id)
  const made = await atVendor('/v1/convai/agents/create', 'POST', {
    conversation_config: {
      agent: { prompt: { knowledge_base: [{ type: 'text', name: 'Refunds', id: copyId }] } },
    },
  })
  expect(made.status).toBe(200)
  expect((await atVendor(`/v1/convai/knowledge-base/${copyId}`, 'DELETE')).status).toBe(400)

  const second = await aCopy(desk.id)
  expect(await copiesOf(desk.id)).toContain(second)
  await deleteDocument(desk.ctx, desk.id)
  expect(api.sent).toContainEqual({ name: 'document.deleted', data: dataOf(desk) })
  await Promise.all([erase(desk), erase(desk)])
  expect(await copiesOf(desk.id)).toEqual([])
  const agents = elevenLabs.agents().map(({ conversation_config }) => conversation_config)
  expect(JSON.stringify(agents)).not.toContain(copyId)
})

test.each(['DELETE', 'GET'])(
  'a vendor that fails a %s keeps the erasing open until it is done',
  async (method) => {
    const desk = await aDocument()
    await pushDocument(desk.ctx, desk.id)
    await deleteDocument(desk.ctx, desk.id)
    const action = { type: 'status', status: 503 } as const
    const path = '/knowledge-base'
    faults.add({ vendor: 'elevenlabs', on: 'request', method, path, times: 3, action })
    await expect(erase(desk)).rejects.toMatchObject({ vendor: 'elevenlabs' })
    await erase(desk)
    expect(await copiesOf(desk.id)).toEqual([])
  },
)

test('a document deleted while it is on its way leaves nothing behind', async () => {
  const desk = await aDocument()
  const held = failCreation({ type: 'block' })
  const pushing = pushDocument(desk.ctx, desk.id)
  await expect.poll(() => faults.list().find(({ id }) => id === held.id)?.fired).toBe(1)
  await deleteDocument(desk.ctx, desk.id)
  await erase(desk)
  faults.release(held.id)
  await expect(pushing).rejects.toMatchObject({ code: 'request.not_found' })
  expect(await copiesOf(desk.id)).toEqual([])
})

test('the sweep deletes copies of what is gone and second copies, and leaves what is not ours', async () => {
  const kept = await aDocument()
  const copyId = await pushDocument(kept.ctx, kept.id)
  await aCopy(kept.id)
  const gone = await aDocument()
  await pushDocument(gone.ctx, gone.id)
  await deleteDocument(gone.ctx, gone.id)
  await erase(gone)
  await aCopy(gone.id)
  const strange = randomUUIDv7()
  const [foreign, young] = [await aCopy(strange), await aDocument()]
  const unanswered = await aCopy(young.id)

  await sweepCopiesJob.run(api.ctx, {})
  expect(await copiesOf(gone.id), 'somebody may still write a young one down').toHaveLength(1)
  await sweep()
  expect(await copiesOf(kept.id)).toEqual([copyId])
  expect(await copiesOf(gone.id)).toEqual([])
  expect(await copiesOf(strange)).toEqual([foreign])
  expect(await copiesOf(young.id)).toEqual([unanswered])
})

test('the API tells readers how the copy stands', async () => {
  const desk = await aDocument()
  await pushDocument(desk.ctx, desk.id)
  const params = { documentId: desk.id }
  const response = await api.call(contract.getDocument, { params }, desk.admin)
  expect(contract.knowledgeDocument.parse(response.json())).toMatchObject(inSync)
})

test('a document names the agents that use it, those that are in use, by name', async () => {
  const desk = await aDocument()
  const organizationId = desk.ctx.organizationId ?? ''
  const names = ['Zoe', 'Adam', 'Gone']
  for (const name of names)
    await api.database.query(
      'admin',
      `with agent as (
         insert into agents (organization_id, id, name, prompt, first_message, voice_id, archived_at)
         values ($1, $2, $3, '', '', 'v', case when $3 = 'Gone' then now() end) returning *)
       insert into agent_documents select organization_id, id, $4 from agent`,
      [organizationId, randomUUIDv7(), name, desk.id],
    )
  const { agents } = await getDocument(desk.ctx, desk.id)
  expect(agents.map(({ name }) => name)).toEqual(['Adam', 'Zoe'])
})
