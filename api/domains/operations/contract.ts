import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'
import { vendorNames } from '#api/contract/vendors.ts'

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

export const hopStates = ['works', 'sandboxed', 'not configured', 'degraded', 'fails'] as const
export const featureNames = [
  'sign-in',
  'inbound-calls',
  'recordings',
  'wallet',
  'mail',
  'knowledge',
  'top-ups',
] as const
export const hopNames = [
  'database',
  'storage',
  'twilio',
  'elevenlabs',
  'clerk',
  'mail',
  'openai',
  'stripe',
  'api',
  'worker',
  'voice gateway',
  'console',
] as const
export const hopReasons = [
  'not_configured',
  'unreachable',
  'too_slow',
  'refused',
  'failed',
  'breaker_open',
  'no_process',
  'draining',
] as const
export const processKinds = ['api', 'worker', 'voice'] as const

export const statusHop = z.object({
  name: z.enum(hopNames),
  state: z.enum(hopStates),
  /** Null where nothing is wrong. */
  reason: z.enum(hopReasons).nullable(),
  /** Settings to look at. */
  settings: z.array(z.string()),
})

export const processStatus = z.object({
  id: z.uuid(),
  kind: z.enum(processKinds),
  name: z.string(),
  version: z.string(),
  startedAt: instant,
  seenAt: instant,
  /** `lost` has not been heard of, and did not say that it ended. */
  state: z.enum(['live', 'draining', 'lost']),
  /** The 99th percentile of the last seconds. */
  eventLoopDelayMs: z.int(),
  /** Of a gateway: calls it holds, and those of which turns wait on its disk. */
  gateway: z
    .object({ calls: z.int(), pendingCalls: z.int(), unwrittenTapeBytes: z.int() })
    .nullable(),
  /** Of the platform's accounts, those that are not closed; of tenants' accounts only how many. */
  breakers: z.array(
    z.object({ vendor: z.enum(vendorNames), state: z.enum(['half_open', 'open']) }),
  ),
  tenantAccountsAway: z.int(),
})

export const platformStatus = z.object({
  checkedAt: instant,
  features: z.array(
    z.object({
      name: z.enum(featureNames),
      state: z.enum(hopStates),
      /** The first hop that is in its way. */
      failing: z.enum(hopNames).nullable(),
    }),
  ),
  hops: z.array(statusHop),
  processes: z.array(processStatus),
  queues: z.object({
    waiting: z.int(),
    active: z.int(),
    failed: z.int(),
    oldestWaitingSeconds: z.int().nullable(),
  }),
  holds: z.object({ open: z.int(), heldCents: z.int() }),
  /** How the newest check of what must always hold came out; null before the first. */
  verification: z
    .object({
      checkedAt: instant,
      ok: z.boolean(),
      findings: z.int(),
      unfinished: z.array(z.string()),
    })
    .nullable(),
  webhooks: z.array(
    z.object({
      vendor: z.enum(webhookVendors),
      lastReceivedAt: instant.nullable(),
      /** Begun and never finished. */
      open: z.int(),
      oldestOpenSeconds: z.int().nullable(),
    }),
  ),
})

export const getPlatformStatus = endpoint({
  method: 'GET',
  path: '/v1/platform/status',
  permission: 'system.read',
  summary:
    'What works, what does not and why: features, vendors, processes, queues, webhooks, checks; seconds old at most',
  response: platformStatus,
})
