import type { FastifyInstance } from 'fastify'
import type { Replay } from '#api/core/inbox/service.ts'
import type { Job } from '#api/core/jobs.ts'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  listWebhookDeliveries,
  listWebhookRejections,
  replayWebhookDelivery,
} from './inbox-desk.ts'
import { listFailedJobs, listJobQueues, retryAllJobs, retryJob } from './jobs-desk.ts'
import { createStatusDesk, type StatusDeps } from './status.ts'
import { verifyPlatform } from './verify.ts'

const VERIFY_MS = 10_000 // a request is given 15 s; one statement may still take 5 after this

/** `jobs` and `replays` are all there are: what failed or was delivered names the one it is for. */
export async function operationRoutes(
  app: FastifyInstance,
  {
    jobs,
    replays,
    status,
  }: { jobs: readonly Job[]; replays: readonly Replay[]; status: StatusDeps },
): Promise<void> {
  const readStatus = createStatusDesk(status)
  serve(app, api.getPlatformStatus, (ctx) => readStatus(ctx))
  serve(app, api.listJobQueues, (ctx) => listJobQueues(ctx))
  serve(app, api.listFailedJobs, (ctx, { query }) => listFailedJobs(ctx, query))
  serve(app, api.retryJob, (ctx, { params }) => retryJob(ctx, jobs, params.jobId))
  serve(app, api.retryAllJobs, (ctx, { body }) => retryAllJobs(ctx, jobs, body.queue))
  serve(app, api.listWebhookDeliveries, (ctx, { query }) => listWebhookDeliveries(ctx, query))
  serve(app, api.listWebhookRejections, (ctx, { query }) => listWebhookRejections(ctx, query))
  serve(app, api.replayWebhookDelivery, (ctx, { body }) =>
    replayWebhookDelivery(ctx, replays, body),
  )
  serve(app, api.verifyPlatform, (ctx) =>
    verifyPlatform(ctx, { until: new Date(ctx.now().getTime() + VERIFY_MS) }),
  )
}
