import { createHash, randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf, userIdOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import { eraseDocumentJob } from './erase-job.ts'
import * as errors from './errors.ts'
import { documentDeleted } from './events.ts'
import { ingestDocumentJob } from './ingest-job.ts'
import { fitsItsType } from './media-type.ts'
import { pushDocumentJob } from './push-job.ts'
import * as queries from './queries.ts'

export { pushDocument } from './push.ts'
export { type Found, retrieve } from './search.ts'

export type KnowledgeDocument = z.output<typeof contract.knowledgeDocument>
type Content = { bytes: Buffer; mediaType: string }

// THREATS X-upload.
const MAX_DOCUMENTS = 200
const MAX_MEBIBYTES = 500

export async function listDocuments(
  ctx: Context,
  { cursor, limit, state, search }: Received<typeof contract.listDocuments>['query'],
): Promise<{ items: KnowledgeDocument[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const rows = await read(ctx, (db) =>
    queries.listDocuments(db, tenantOf(ctx), { before, limit: limit + 1, state, search }),
  )
  return pageOfRows(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }))
}

export async function getDocument(ctx: Context, id: string): Promise<KnowledgeDocument> {
  const found = await read(ctx, (db) => queries.findDocument(db, tenantOf(ctx), id))
  if (!found) throw notFound('document')
  return found
}

/** Keeps a file and starts to read it. What is not what its type says never gets that far. */
export function uploadDocument(
  ctx: Context,
  title: string,
  content: Content,
): Promise<KnowledgeDocument> {
  if (content.bytes.length === 0) throw errors.emptyFile()
  if (!fitsItsType(content.mediaType, content.bytes)) throw errors.notItsType()
  return addContent(ctx, { title, kind: 'file', content })
}

export const addText = (
  ctx: Context,
  { title, text }: Received<typeof contract.addText>['body'],
): Promise<KnowledgeDocument> =>
  addContent(ctx, {
    title,
    kind: 'text',
    content: { bytes: Buffer.from(text), mediaType: 'text/plain' },
  })

/** Notes a web page; a job fetches it. */
export function addPage(
  ctx: Context,
  { title, url }: Received<typeof contract.addPage>['body'],
): Promise<KnowledgeDocument> {
  if (ctx.vendors.tenantHttp.refuse(url)) throw errors.addressNotAllowed()
  return insert(ctx, randomUUIDv7(), {
    title: title ?? titleOf(url),
    kind: 'url',
    sourceUrl: url,
    mediaType: 'text/html',
    sizeBytes: 0,
    sha256: hashOf(Buffer.from(url)),
  })
}

/** Tries again what failed: to read a rejected document, or to take its copy to ElevenLabs. */
export function retryDocument(ctx: Context, id: string): Promise<KnowledgeDocument> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const document = await lockPresent(tx, id)
    if (document.vendorState === 'failed') return pushAgain(tx, id)
    if (document.state !== 'rejected') throw errors.notRejected()
    const again = { state: 'queued', reason: null, updatedAt: tx.now() } as const
    await queries.updateDocument(tx.db, organizationId, id, again)
    await tx.enqueue(ingestDocumentJob, { organizationId, documentId: id })
    return getDocument(tx, id)
  })
}

async function pushAgain(tx: Tx, documentId: string): Promise<KnowledgeDocument> {
  const organizationId = tenantOf(tx)
  const pending = { vendorState: 'pending', vendorError: null, updatedAt: tx.now() } as const
  await queries.updateDocument(tx.db, organizationId, documentId, pending)
  await tx.enqueue(pushDocumentJob, { organizationId, documentId })
  return getDocument(tx, documentId)
}

/** Gone for every reader with this transaction; what it left behind is cleaned up by a job. */
export function deleteDocument(ctx: Context, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    await lockPresent(tx, id)
    const gone = { deletedAt: tx.now(), updatedAt: tx.now() }
    await queries.updateDocument(tx.db, organizationId, id, gone)
    await recordAudit(tx, { action: 'knowledge.delete-document', subject: id })
    await tx.enqueue(eraseDocumentJob, { organizationId, documentId: id })
    await tx.emit(documentDeleted, { organizationId, documentId: id })
  })
}

/** The original and what it is called. */
export async function openOriginal(
  ctx: Context,
  id: string,
): Promise<{ stream: ReadableStream<Uint8Array>; sizeBytes: number; mediaType: string }> {
  const document = await read(ctx, (db) => queries.findDocument(db, tenantOf(ctx), id))
  if (!document) throw notFound('document')
  const found = await ctx.vendors.storage.get(document.objectKey)
  if (!found) throw errors.fileGone()
  return { ...found, mediaType: document.mediaType }
}

/** The file first: a row without its file would be a promise nobody can keep; a file without a row is swept. */
async function addContent(
  ctx: Context,
  asked: { title: string; kind: 'file' | 'text'; content: Content },
): Promise<KnowledgeDocument> {
  const { title, kind, content } = asked
  const id = randomUUIDv7()
  const key = keyOf(tenantOf(ctx), id)
  const { storage } = ctx.vendors
  await storage.put(key, content.bytes, content.mediaType)
  try {
    return await insert(ctx, id, {
      title,
      kind,
      sourceUrl: null,
      mediaType: content.mediaType,
      sizeBytes: content.bytes.length,
      sha256: hashOf(content.bytes),
    })
  } catch (error) {
    await storage.delete(key)
    throw error
  }
}

function insert(
  ctx: Context,
  id: string,
  document: Pick<
    queries.DocumentRow,
    'title' | 'kind' | 'sourceUrl' | 'mediaType' | 'sizeBytes' | 'sha256'
  >,
): Promise<KnowledgeDocument> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const used = await queries.usedForAddition(tx.db, organizationId)
    if (used.documents >= MAX_DOCUMENTS) throw errors.tooManyDocuments(MAX_DOCUMENTS)
    if (used.sizeBytes + document.sizeBytes > MAX_MEBIBYTES * 2 ** 20)
      throw errors.tooMuch(MAX_MEBIBYTES)
    const made = await queries.insertDocument(tx.db, {
      ...document,
      organizationId,
      id,
      objectKey: keyOf(organizationId, id),
      uploadedByUserId: userIdOf(tx),
      createdAt: tx.now(),
      updatedAt: tx.now(),
    })
    if (!made) throw errors.alreadyThere()
    await recordAudit(tx, {
      action: 'knowledge.add-document',
      subject: id,
      after: { kind: document.kind, sizeBytes: document.sizeBytes },
    })
    await tx.enqueue(ingestDocumentJob, { organizationId, documentId: id })
    return getDocument(tx, id)
  })
}

async function lockPresent(tx: Tx, id: string): Promise<queries.DocumentRow> {
  const document = await queries.lockDocument(tx.db, tenantOf(tx), id)
  if (!document || document.deletedAt) throw notFound('document')
  return document
}

const keyOf = (organizationId: string, documentId: string) =>
  `org/${organizationId}/knowledge/${documentId}`
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function titleOf(url: string): string {
  const { hostname, pathname } = new URL(url)
  return `${hostname}${pathname === '/' ? '' : pathname}`.slice(0, 200)
}
