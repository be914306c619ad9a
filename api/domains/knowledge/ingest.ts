import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { documentIndexed } from './events.ts'
import { Unreadable } from './parser/parsed.ts'
import { parseDocument } from './parser/run.ts'
import { cutIntoPassages, type Page, type Passage } from './passages.ts'
import * as queries from './queries.ts'
import { bytesOf, signatureOf } from './vector.ts'

const TEXTS_A_REQUEST = 64 // about 20,000 tokens; a request that fails costs no more than these
const GIVEN_UP_AFTER_MS = 24 * 3_600_000 // a vendor that was away for a day: a person decides

/**
 * Takes a document from its file to passages that can be found. Every step can be done again: whoever runs it
 * after a crash begins anew, and the passages are written in one transaction at the end.
 */
export async function ingestDocument(ctx: Context, documentId: string): Promise<void> {
  const document = await begin(ctx, documentId)
  if (!document) return
  try {
    const pages = await readPages(ctx, document)
    const passages = cutIntoPassages(pages)
    if (!(await move(ctx, documentId, { state: 'embedding' }))) return
    await store(ctx, document, pages, passages, await embedAll(ctx, passages))
  } catch (error) {
    const reason = rejectionFor(ctx, document, error)
    if (!reason) throw error
    await move(ctx, documentId, { state: 'rejected', reason })
  }
}

/** The document if there is something to do; null for one that is gone or at its end. */
function begin(ctx: Context, documentId: string): Promise<queries.DocumentRow | null> {
  return inTransaction(ctx, async (tx) => {
    const found = await queries.lockDocument(tx.db, tenantOf(tx), documentId)
    if (!found || found.deletedAt || found.state === 'ready' || found.state === 'rejected')
      return null
    const parsing = { state: 'parsing', updatedAt: tx.now() } as const
    return queries.updateDocument(tx.db, tenantOf(tx), documentId, parsing)
  })
}

async function readPages(ctx: Context, document: queries.DocumentRow): Promise<Page[]> {
  if (document.kind === 'url') await fetchPage(ctx, document)
  const found = await ctx.vendors.storage.get(document.objectKey)
  if (!found) throw new Unreadable('damaged')
  const bytes = await new Response(found.stream).bytes()
  return parseDocument(document.mediaType, bytes)
}

/** A page is fetched anew each time: what it says now is what a retry is for. */
async function fetchPage(ctx: Context, document: queries.DocumentRow): Promise<void> {
  const answer = await ctx.vendors.tenantHttp.get(document.sourceUrl ?? '')
  if ('error' in answer) throw new PageRefused(`page_${answer.error}`)
  if (answer.status !== 200) throw new PageRefused('page_refused')
  await ctx.vendors.storage.put(document.objectKey, answer.bytes, 'text/html')
  await inTransaction(ctx, (tx) =>
    queries.updateDocument(tx.db, document.organizationId, document.id, {
      sizeBytes: answer.bytes.length,
    }),
  )
}

class PageRefused extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

async function embedAll(ctx: Context, passages: readonly Passage[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = []
  for (let from = 0; from < passages.length; from += TEXTS_A_REQUEST) {
    const texts = passages.slice(from, from + TEXTS_A_REQUEST).map(({ body }) => body)
    vectors.push(...(await ctx.vendors.openAi.embed(texts)))
  }
  return vectors
}

async function store(
  ctx: Context,
  document: queries.DocumentRow,
  pages: readonly Page[],
  passages: readonly Passage[],
  vectors: readonly Float32Array[],
): Promise<void> {
  const { organizationId, id: documentId } = document
  const chunks = passages.map((passage, index): queries.NewChunk => {
    const vector = vectors[index]
    if (!vector) throw new Error('a passage has no vector')
    return {
      organizationId,
      id: chunkId(documentId, passage.position),
      documentId,
      ...passage,
      embedding: bytesOf(vector),
      signature: signatureOf(vector),
    }
  })
  await inTransaction(ctx, async (tx) => {
    const now = await queries.lockDocument(tx.db, organizationId, documentId)
    // Deleted meanwhile, or another run of this job was faster.
    if (!now || now.deletedAt || now.state !== 'embedding') return
    await queries.replaceChunks(tx.db, organizationId, documentId, chunks)
    await queries.updateDocument(tx.db, organizationId, documentId, {
      state: 'ready',
      pages: pages.some(({ page }) => page !== null) ? pages.length : null,
      characters: pages.reduce((sum, { text }) => sum + text.length, 0),
      chunks: chunks.length,
      embeddingModel: ctx.vendors.openAi.embeddingModel,
      updatedAt: tx.now(),
    })
    await tx.emit(documentIndexed, { organizationId, documentId })
  })
}

/** The document's own id with the position in its last twelve digits: the same however often it is made. */
const chunkId = (documentId: string, position: number): string =>
  `${documentId.slice(0, 24)}${(BigInt(`0x${documentId.slice(24)}`) ^ BigInt(position)).toString(16).padStart(12, '0')}`

/** False where the document left the way meanwhile: it was deleted, or rejected. */
function move(
  ctx: Context,
  documentId: string,
  to: { state: 'embedding' } | { state: 'rejected'; reason: string },
): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const found = await queries.lockDocument(tx.db, tenantOf(tx), documentId)
    if (!found || found.deletedAt || found.state === 'ready') return false
    const change = { ...to, updatedAt: tx.now() }
    await queries.updateDocument(tx.db, tenantOf(tx), documentId, change)
    return true
  })
}

/** Null for a failure that may pass: the job is tried again. */
function rejectionFor(ctx: Context, document: queries.DocumentRow, error: unknown): string | null {
  if (error instanceof Unreadable || error instanceof PageRefused) return error.reason
  if (!(error instanceof VendorError)) return null
  if (!error.retryable) return 'embedding_refused'
  const ageMs = ctx.now().getTime() - document.createdAt.getTime()
  return ageMs > GIVEN_UP_AFTER_MS ? 'embedding_unavailable' : null
}
