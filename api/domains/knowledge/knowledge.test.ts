import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'

import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../../sandbox/openai/start.ts'
import * as contract from './contract.ts'
import { eraseDocumentJob, ingestDocumentJob, sweepDocumentsJob } from './jobs.ts'

const faults = new Faults()
let openAi: OpenAiStandIn
let api: TestApi
let origin: string
let page = '<main><h1>Parking</h1><p>Guests park behind the building for free.</p></main>'
const site = http.createServer((request, response) => {
  if (request.url === '/gone') response.statusCode = 404
  response.end(page)
})
beforeAll(async () => {
  openAi = await startOpenAi({ port: 0, apiKey: 'sk-sandbox', journal: new Journal(), faults })
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  api = await testApi({
    OPENAI_API_KEY: 'sk-sandbox',
    OPENAI_BASE_URL: openAi.url,
    OUTGOING_EXEMPT_ORIGINS: origin,
  })
})
afterEach(() => faults.clear())
afterAll(async () => {
  await api.close()
  await openAi.close()
  site.close()
})

const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
const upload = (admin: Person, title: string, bytes: Buffer | string, type = 'text/plain') =>
  api.app.inject({
    method: 'POST',
    url: `/v1/knowledge/documents/file?title=${encodeURIComponent(title)}`,
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': type },
    payload: bytes,
  })
async function addText(admin: Person, text: string, title = 'Notes') {
  const response = await api.call(contract.addText, { body: { title, text } }, admin)
  expect(response.statusCode, response.body).toBe(201)
  return contract.knowledgeDocument.parse(response.json())
}
const ingest = (admin: Person, documentId: string) =>
  ingestDocumentJob.run(api.ctx, { organizationId: admin.organizationId ?? '', documentId })
const erase = (admin: Person, documentId: string) =>
  eraseDocumentJob.run(api.ctx, { organizationId: admin.organizationId ?? '', documentId })
async function get(person: Person, documentId: string) {
  const response = await api.call(contract.getDocument, { params: { documentId } }, person)
  return contract.knowledgeDocument.parse(response.json())
}
async function search(person: Person, query: string) {
  const response = await api.call(contract.searchKnowledge, { body: { query, limit: 5 } }, person)
  return contract.searchKnowledge.response.parse(response.json()).items
}
const chunksOf = (admin: Person, documentId: string) =>
  api.database.query<{ position: number; body: string }>(
    'app',
    'select position, body from knowledge_chunks where document_id = $1 order by position',
    [documentId],
    admin.organizationId ?? '',
  )

test('a text is kept, read and found by a question, by readers too', async () => {
  const admin = await api.aHolderOf('admin')
  const rep = await api.aHolderOf('sales_person', admin.organizationId ?? '')
  const refunds = await addText(admin, 'Refunds are paid back within five working days.', 'Refunds')
  const hours = await addText(admin, 'The office is open from eight to six.', 'Hours')
  expect(refunds.state).toBe('queued')
  for (const { id } of [refunds, hours]) await ingest(admin, id)
  expect(await get(rep, refunds.id)).toMatchObject({ state: 'ready', chunks: 1, reason: null })

  const found = await search(rep, 'How long does a refund take?')
  expect(found[0]).toMatchObject({
    documentId: refunds.id,
    title: 'Refunds',
    text: 'Refunds are paid back within five working days.',
  })
  expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1)
  expect(api.sent).toContainEqual({
    name: 'document.indexed',
    data: { organizationId: admin.organizationId, documentId: refunds.id },
  })
})

test('the same job twice, also at once, leaves each passage once', async () => {
  const admin = await api.aHolderOf('admin')
  const paragraphs = Array.from({ length: 12 }, (_, n) => `Rule ${n}. ${'Word '.repeat(150)}`)
  const { id } = await addText(admin, paragraphs.join('\n\n'))
  await Promise.all([ingest(admin, id), ingest(admin, id)])
  await ingest(admin, id)
  const chunks = await chunksOf(admin, id)
  expect(chunks.map(({ position }) => position)).toEqual(chunks.map((_, index) => index))
  expect(chunks.length).toBeGreaterThan(3)
  expect((await get(admin, id)).chunks).toBe(chunks.length)
})

test('a vendor that is away leaves the document on its way, and the next try finishes it', async () => {
  const admin = await api.aHolderOf('admin')
  const { id } = await addText(admin, 'Deliveries leave on Mondays.')
  faults.add({ vendor: 'openai', on: 'request', times: 3, action: { type: 'status', status: 503 } })
  await expect(ingest(admin, id)).rejects.toThrow('openai embed failed')
  expect(await get(admin, id)).toMatchObject({ state: 'embedding', reason: null })
  expect(await chunksOf(admin, id)).toEqual([])
  await ingest(admin, id)
  expect((await get(admin, id)).state).toBe('ready')
})

test('a document whose job was lost is found by the sweep', async () => {
  const admin = await api.aHolderOf('admin')
  const { id } = await addText(admin, 'Nobody read me.')
  api.sent.length = 0
  const later = new Date(Date.now() + 20 * 60_000)
  await sweepDocumentsJob.run({ ...api.ctx, now: () => later }, {})
  expect(api.sent).toContainEqual({
    name: ingestDocumentJob.name,
    data: { organizationId: admin.organizationId, documentId: id },
  })
})

test('an empty file is refused', async () => {
  const admin = await api.aHolderOf('admin')
  expect(codeOf(await upload(admin, 'Empty', ''))).toMatch(/empty_file|invalid/)
})

test('an unreadable file is rejected with its reason and can be tried again', async () => {
  const admin = await api.aHolderOf('admin')
  const response = await upload(admin, 'Broken', '%PDF-1.7 nothing more', 'application/pdf')
  const { id } = contract.knowledgeDocument.parse(response.json())
  await ingest(admin, id)
  expect(await get(admin, id)).toMatchObject({ state: 'rejected', reason: 'damaged', chunks: 0 })
  const params = { documentId: id }
  expect((await api.call(contract.retryDocument, { params }, admin)).json()).toMatchObject({
    state: 'queued',
    reason: null,
  })
  expect(codeOf(await api.call(contract.retryDocument, { params }, admin))).toBe(
    'knowledge.not_rejected',
  )
})

test('a web page is fetched, read and found; one that does not answer is rejected', async () => {
  const admin = await api.aHolderOf('admin')
  const add = async (path: string) => {
    const response = await api.call(contract.addPage, { body: { url: `${origin}${path}` } }, admin)
    return contract.knowledgeDocument.parse(response.json()).id
  }
  const parking = await add('/parking')
  await ingest(admin, parking)
  expect((await search(admin, 'Where do guests park?'))[0]).toMatchObject({ documentId: parking })

  const gone = await add('/gone')
  await ingest(admin, gone)
  expect(await get(admin, gone)).toMatchObject({ state: 'rejected', reason: 'page_refused' })
  page = 'x'.repeat(70_000)
  const huge = await add('/huge')
  await ingest(admin, huge)
  expect(await get(admin, huge)).toMatchObject({ state: 'rejected', reason: 'page_too_large' })
  for (const url of ['http://example.com/', 'https://10.0.0.1/', 'https://169.254.169.254/'])
    expect(codeOf(await api.call(contract.addPage, { body: { url } }, admin))).toBe(
      'knowledge.address_not_allowed',
    )
})

test('a deleted document is gone at once, and soon nothing of it is left', async () => {
  const admin = await api.aHolderOf('admin')
  const { id } = await addText(admin, 'The password of the vault is not written here.')
  await ingest(admin, id)
  const params = { documentId: id }
  expect((await api.call(contract.deleteDocument, { params }, admin)).statusCode).toBe(204)
  expect((await api.call(contract.getDocument, { params }, admin)).statusCode).toBe(404)
  expect(await search(admin, 'password of the vault')).toEqual([])

  await Promise.all([erase(admin, id), erase(admin, id)])
  expect(await chunksOf(admin, id)).toEqual([])
  const key = `org/${admin.organizationId}/knowledge/${id}`
  expect(await api.ctx.vendors.storage.get(key)).toBeNull()
  // A job that comes late finds nothing to do.
  await ingest(admin, id)
  expect(await chunksOf(admin, id)).toEqual([])
})

test('the same content is kept once, and the number of documents is bounded, also for many at once', async () => {
  const admin = await api.aHolderOf('admin')
  await addText(admin, 'Only once.')
  const again = await api.call(
    contract.addText,
    { body: { title: 'Again', text: 'Only once.' } },
    admin,
  )
  expect(codeOf(again)).toBe('knowledge.already_there')

  await api.database.query(
    'admin',
    `insert into knowledge_documents (organization_id, id, title, kind, media_type, size_bytes, sha256, object_key)
     select $1, gen_random_uuid(), 'Filler', 'text', 'text/plain', 1, n::text, 'org/x' from generate_series(1, 197) n`,
    [admin.organizationId],
  )
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map((n) =>
      api.call(contract.addText, { body: { title: 'More', text: `More ${n}.` } }, admin),
    ),
  )
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(2)
  expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(3)
})

test('another organization’s documents are never found, listed or opened', async () => {
  const ours = await api.aHolderOf('admin')
  const theirs = await api.aHolderOf('admin')
  const secret = await addText(theirs, 'Their margin is forty percent.')
  await ingest(theirs, secret.id)
  const own = await addText(ours, 'Our margin is nobody’s business.')
  await ingest(ours, own.id)
  const found = await search(ours, 'Their margin is forty percent.')
  expect(found.map(({ documentId }) => documentId)).toEqual([own.id])
  for (const documentId of [secret.id, randomUUID()])
    expect(
      (await api.call(contract.getDocument, { params: { documentId } }, ours)).statusCode,
    ).toBe(404)
})
