import { z } from 'zod'
import { type Context, forOrganization, inTransaction, tenantOf } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { deleteCopies } from './copies.ts'
import * as queries from './queries.ts'

/** THREATS T43: within five minutes nothing of a deleted document is left; until then this is tried again. */
export const eraseDocumentJob = job({
  name: 'knowledge.erase-document',
  data: z.object({ organizationId: z.uuid(), documentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ documentId }) => documentId,
  run: (ctx, { organizationId, documentId }) =>
    eraseDocument(forOrganization(ctx, organizationId), documentId),
})

async function eraseDocument(ctx: Context, documentId: string): Promise<void> {
  const organizationId = tenantOf(ctx)
  const document = await inTransaction(ctx, async (tx) => {
    const found = await queries.lockDocument(tx.db, organizationId, documentId)
    if (!found?.deletedAt || found.erasedAt) return null
    await queries.deleteChunks(tx.db, organizationId, documentId)
    return found
  })
  if (!document) return
  await ctx.vendors.storage.delete(document.objectKey)
  await deleteCopies(ctx, document)
  await inTransaction(ctx, (tx) =>
    queries.updateDocument(tx.db, organizationId, documentId, {
      erasedAt: tx.now(),
      title: 'Deleted document',
      sourceUrl: null,
      chunks: 0,
      elevenLabsDocumentId: null,
      vendorState: 'none',
      vendorError: null,
    }),
  )
}
