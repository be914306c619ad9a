import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import * as queries from './queries.ts'
import { COPY_PREFIX, documentIdIn, prefixOf } from './vendor-name.ts'

const MAX_PAGES = 100 // ten thousand copies a run
const SETTLED_MS = 15 * 60_000 // a younger copy may belong to somebody who is about to write it down

/** Takes every copy of a document away at ElevenLabs, also one whose creation was never answered. */
export async function deleteCopies(ctx: Context, document: queries.DocumentRow): Promise<void> {
  const { elevenLabs } = ctx.vendors
  if (document.vendorState === 'none') return
  if (document.elevenLabsDocumentId) await elevenLabs.deleteDocument(document.elevenLabsDocumentId)
  // A document has one copy, after a race two: the first page holds them all.
  const { items } = await elevenLabs.listDocuments({ namePrefix: prefixOf(document.id) })
  for (const { elevenLabsDocumentId } of items)
    await elevenLabs.deleteDocument(elevenLabsDocumentId)
}

/**
 * Deletes what ElevenLabs holds of documents that are gone, and second copies. A copy of a document we never
 * had is left: it may be of another installation on the same account.
 */
export async function sweepCopies(ctx: Context): Promise<{ seen: number; deleted: number }> {
  const settledBefore = new Date(ctx.now().getTime() - SETTLED_MS)
  let seen = 0
  const orphans: string[] = []
  for await (const { elevenLabsDocumentId, name, createdAt } of copies(ctx)) {
    seen++
    const documentId = documentIdIn(name)
    if (!documentId || createdAt > settledBefore) continue
    const counts = await asPlatform(ctx, (tx) => queries.findCopy(tx.db, documentId))
    if (counts && isOrphan(counts, elevenLabsDocumentId)) orphans.push(elevenLabsDocumentId)
  }
  // After the pages, which deletions would shift.
  for (const id of orphans) await ctx.vendors.elevenLabs.deleteDocument(id)
  return { seen, deleted: orphans.length }
}

/** Of a document that waits to be erased its job takes the copies away. */
const isOrphan = (
  counts: { elevenLabsDocumentId: string | null; erasedAt: Date | null },
  copyId: string,
): boolean =>
  counts.erasedAt !== null ||
  (counts.elevenLabsDocumentId !== null && counts.elevenLabsDocumentId !== copyId)

async function* copies(ctx: Context) {
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { namePrefix: COPY_PREFIX, cursor }
    const { items, nextCursor } = await ctx.vendors.elevenLabs.listDocuments(query)
    yield* items
    if (!nextCursor) return
    cursor = nextCursor
  }
}
