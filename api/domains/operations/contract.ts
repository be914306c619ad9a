import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const jobQueue = z.object({
  name: z.string(),
  waiting: z.int(),
  active: z.int(),
  failed: z.int(),
  /** Age of the oldest job that waits and is due. */
  oldestWaitingSeconds: z.int().nullable(),
})

export const listJobQueues = endpoint({
  method: 'GET',
  path: '/v1/platform/jobs/queues',
  permission: 'system.read',
  summary: 'Every queue of background jobs, with what waits, runs and failed',
  response: z.object({ items: z.array(jobQueue) }),
})

export const failedJob = z.object({
  id: z.uuid(),
  queue: z.string(),
  /** Ids only. */
  data: z.unknown(),
  /** What the last try threw, without detail of persons. */
  error: z.string().nullable(),
  tries: z.int(),
  createdAt: instant,
  failedAt: instant,
})

export const listFailedJobs = endpoint({
  method: 'GET',
  path: '/v1/platform/jobs/failed',
  permission: 'system.read',
  summary: 'Jobs whose tries are used up, newest first',
  query: pageQuery.extend({ queue: z.string().max(100).optional() }),
  response: pageOf(failedJob),
})

export const retryJob = endpoint({
  method: 'POST',
  path: '/v1/platform/jobs/failed/:jobId/retry',
  permission: 'system.write',
  summary: 'Sends a failed job again; sent twice, it runs once',
  status: 202,
  params: z.strictObject({ jobId: z.uuid() }),
  response: z.object({ retried: z.int() }),
  resources: { jobId: 'job' },
})

export const retryAllJobs = endpoint({
  method: 'POST',
  path: '/v1/platform/jobs/failed/retry',
  permission: 'system.write',
  summary: 'Sends every failed job of one queue again',
  status: 202,
  body: z.strictObject({ queue: z.string().min(1).max(100) }),
  response: z.object({ retried: z.int() }),
})

export const webhookVendors = ['twilio', 'elevenlabs', 'clerk', 'stripe'] as const

export const webhookDelivery = z.object({
  vendor: z.enum(webhookVendors),
  deliveryId: z.string(),
  kind: z.string(),
  subject: z.record(z.string(), z.string()),
  receivedAt: instant,
  handledAt: instant.nullable(),
  attempts: z.int(),
  outcome: z.string().nullable(),
})

export const listWebhookDeliveries = endpoint({
  method: 'GET',
  path: '/v1/platform/webhooks/deliveries',
  permission: 'system.read',
  summary: 'What vendors delivered, newest first',
  query: pageQuery.extend({
    vendor: z.enum(webhookVendors).optional(),
    /** `open` are those that were begun and never finished. */
    status: z.enum(['handled', 'open']).optional(),
  }),
  response: pageOf(webhookDelivery),
})

export const webhookRejection = z.object({
  id: z.uuid(),
  vendor: z.enum(webhookVendors),
  reason: z.string(),
  bodyBytes: z.int(),
  at: instant,
})

export const listWebhookRejections = endpoint({
  method: 'GET',
  path: '/v1/platform/webhooks/rejections',
  permission: 'system.read',
  summary: 'Deliveries that were refused, newest first',
  query: pageQuery.extend({ vendor: z.enum(webhookVendors).optional() }),
  response: pageOf(webhookRejection),
})

export const replayWebhookDelivery = endpoint({
  method: 'POST',
  path: '/v1/platform/webhooks/deliveries/replay',
  permission: 'system.write',
  summary: 'Does again what a delivery asked for, from what the vendor says now',
  status: 202,
  body: z.strictObject({
    vendor: z.enum(webhookVendors),
    deliveryId: z.string().min(1).max(200),
  }),
  response: webhookDelivery,
})

export const verifyPlatform = endpoint({
  method: 'GET',
  path: '/v1/platform/verify',
  permission: 'system.read',
  summary:
    'Checks what must always hold – money, calls, sums, recordings, audit – as far as ten seconds allow',
  response: z.object({
    ok: z.boolean(),
    checkedAt: instant,
    findings: z.array(z.object({ check: z.string(), subject: z.string(), problem: z.string() })),
    /** Checks there was no time for; the command `verify` makes them all. */
    unfinished: z.array(z.string()),
  }),
})
