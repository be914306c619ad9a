import { z } from 'zod'
import { asPlatform } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { sweepCopies } from './copies.ts'
import { eraseDocumentJob } from './erase-job.ts'
import { ingestDocumentJob } from './ingest-job.ts'
import { pushDocumentJob } from './push-job.ts'
import * as queries from './queries.ts'

export { eraseDocumentJob, ingestDocumentJob, pushDocumentJob }

const STUCK_MS = 15 * 60_000 // longer than a document's longest step with all its retries
const PAGE = 200

/** Finds documents whose job was lost, and deleted ones that nobody cleaned up after. */
export const sweepDocumentsJob = job({
  name: 'knowledge.sweep-documents',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: async (ctx) => {
    const before = new Date(ctx.now().getTime() - STUCK_MS)
    await asPlatform(ctx, async (tx) => {
      for (const one of await queries.listToErase(tx.db, PAGE))
        await tx.enqueue(eraseDocumentJob, one)
      for (const one of await queries.listStuck(tx.db, before, PAGE))
        await tx.enqueue(ingestDocumentJob, one)
    })
  },
})

/** Compares what ElevenLabs holds of ours with what it should: nothing is orphaned there for longer than an hour. */
export const sweepCopiesJob = job({
  name: 'knowledge.sweep-copies',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: async (ctx) => {
    const { seen, deleted } = await sweepCopies(ctx)
    if (deleted > 0) ctx.log.warn({ seen, deleted }, 'orphaned copies of documents were deleted')
  },
})
