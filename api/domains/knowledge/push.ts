import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound, VendorError } from '#api/core/errors.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'
import { copyName, prefixOf } from './vendor-name.ts'

/**
 * Makes ElevenLabs hold a copy of the document and answers with its id there. Safe to run twice and by two at
 * once: a copy whose creation was not answered is found again by its name (THREATS F17), and of two copies the
 * one written down first stays.
 */
export async function pushDocument(ctx: Context, documentId: string): Promise<string> {
  const document = await begin(ctx, documentId)
  try {
    const copyId = await findOrCreate(ctx, document)
    const kept = await writeDown(ctx, document, copyId)
    if (kept !== copyId) await ctx.vendors.elevenLabs.deleteDocument(copyId)
    if (kept === null) throw notFound('document')
    return kept
  } catch (error) {
    if (error instanceof VendorError) await noteFailure(ctx, documentId, error)
    throw error
  }
}

/** From here on whoever erases the document looks for copies of it. */
function begin(ctx: Context, documentId: string): Promise<queries.DocumentRow> {
  return inTransaction(ctx, async (tx) => {
    const document = await queries.lockDocument(tx.db, tenantOf(tx), documentId)
    if (!document || document.deletedAt) throw notFound('document')
    if (document.state !== 'ready') throw errors.notReady()
    if (document.vendorState === 'in_sync') return document
    const pending = { vendorState: 'pending', vendorError: null } as const
    return queries.updateDocument(tx.db, tenantOf(tx), documentId, pending)
  })
}

async function findOrCreate(ctx: Context, document: queries.DocumentRow): Promise<string> {
  const { elevenLabs } = ctx.vendors
  const { id, title, elevenLabsDocumentId: known } = document
  // One that was deleted in ElevenLabs' own console is made anew.
  if (known && (await elevenLabs.hasDocument(known))) return known
  const found = await elevenLabs.listDocuments({ namePrefix: prefixOf(id) })
  const [oldest] = found.items.toReversed()
  if (oldest) return oldest.elevenLabsDocumentId
  // What a document says never changes once it is ready, so any copy of it is the right one.
  const bodies = await read(ctx, (db) => queries.listBodies(db, tenantOf(ctx), id))
  return elevenLabs.createDocument({ name: copyName(id, title), text: bodies.join('\n\n') })
}

/** The copy that counts: another one where somebody was faster, null where the document was deleted meanwhile. */
function writeDown(
  ctx: Context,
  before: queries.DocumentRow,
  copyId: string,
): Promise<string | null> {
  return inTransaction(ctx, async (tx) => {
    const now = await queries.lockDocument(tx.db, tenantOf(tx), before.id)
    if (!now || now.deletedAt) return null
    const { elevenLabsDocumentId: counts } = now
    if (counts && counts !== before.elevenLabsDocumentId) return counts
    await queries.updateDocument(tx.db, tenantOf(tx), before.id, {
      vendorState: 'in_sync',
      vendorError: null,
      elevenLabsDocumentId: copyId,
    })
    return copyId
  })
}

function noteFailure(ctx: Context, documentId: string, error: VendorError): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const now = await queries.lockDocument(tx.db, tenantOf(tx), documentId)
    if (now?.vendorState !== 'pending' || now.deletedAt) return
    const failed = { vendorState: 'failed', vendorError: error.words ?? null } as const
    await queries.updateDocument(tx.db, tenantOf(tx), documentId, failed)
  })
}
