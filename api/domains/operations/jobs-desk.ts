import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import type { Job } from '#api/core/jobs.ts'
import { recordPlatformAudit } from '#api/domains/audit/service.ts'
import * as desk from '#db/job-desk.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'

const MAX_RETRIED = 500 // in one transaction; the office presses again for more

export async function listJobQueues(ctx: Context) {
  return { items: await asPlatform(ctx, (tx) => desk.listQueues(tx.db)) }
}

export async function listFailedJobs(
  ctx: Context,
  { cursor, limit, queue }: Received<typeof contract.listFailedJobs>['query'],
) {
  const before = readCursor(cursor)
  const rows = await asPlatform(ctx, (tx) =>
    desk.listFailedJobs(tx.db, {
      limit: limit + 1,
      ...(queue !== undefined && { queue }),
      ...(before && { before }),
    }),
  )
  return pageOfRows(rows, limit, ({ failedAt, id }) => ({ at: failedAt, id }))
}

/** Sends a dead letter's job again. Taken and sent in one transaction, so it is neither lost nor sent twice. */
export function retryJob(
  ctx: Context,
  jobs: readonly Job[],
  jobId: string,
): Promise<{ retried: number }> {
  return asPlatform(ctx, async (tx) => {
    const taken = await desk.takeFailedJob(tx.db, jobId)
    if (!taken) throw notFound('failed job')
    const job = jobs.find(({ name }) => name === taken.queue)
    if (!job) throw errors.jobUnknown(taken.queue)
    if (!job.data.safeParse(taken.data).success) throw errors.jobUnreadable()
    await tx.enqueue(job, taken.data)
    await record(tx, { action: 'operations.retry-job', subject: jobId, queue: taken.queue })
    return { retried: 1 }
  })
}

/** Sends all dead letters of one queue again; what a job cannot read stays where it lies. */
export function retryAllJobs(
  ctx: Context,
  jobs: readonly Job[],
  queue: string,
): Promise<{ retried: number }> {
  return asPlatform(ctx, async (tx) => {
    const job = jobs.find(({ name }) => name === queue)
    if (!job) throw errors.jobUnknown(queue)
    const readable = (data: unknown) => job.data.safeParse(data).success
    const taken = await desk.takeFailedJobs(tx.db, queue, MAX_RETRIED, readable)
    for (const { data } of taken) await tx.enqueue(job, data)
    if (taken.length > 0)
      await record(tx, { action: 'operations.retry-jobs', subject: queue, retried: taken.length })
    return { retried: taken.length }
  })
}

const record = (tx: Tx, told: { action: string; subject: string } & Record<string, unknown>) => {
  const { action, subject, ...after } = told
  return recordPlatformAudit(tx, { action, subject, after })
}
