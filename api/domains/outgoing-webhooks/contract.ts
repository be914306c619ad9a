import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

/** What an organization's own systems can be told of; payloads hold ids and figures, never what was said. */
export const webhookEvents = [
  'call.ended',
  'recording.stored',
  'wallet.low',
  'wallet.exhausted',
  'member.joined',
  'member.removed',
  'organization.paused',
  'test.ping',
] as const

export const webhookEndpoint = z.object({
  id: z.uuid(),
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  secretLastFour: z.string(),
  state: z.enum(['active', 'disabled']),
  disabledReason: z.string().nullable(),
  /** Failed attempts since the last success. */
  failures: z.int(),
  createdAt: instant,
})

export const webhookMessage = z.object({
  id: z.uuid(),
  eventId: z.string(),
  event: z.enum(webhookEvents),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
  createdAt: instant,
  attemptedAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  payload: z.record(z.string(), z.unknown()),
})

const params = z.strictObject({ endpointId: z.uuid() })
const resources = { endpointId: 'webhook-endpoint' }
const messageParams = params.extend({ messageId: z.uuid() })
const messageResources = { ...resources, messageId: 'webhook-message' }
const forAdmins = {
  permission: 'organization.update',
  peopleOnly: true,
  feature: 'webhooks',
} as const
const url = z.url({ protocol: /^https?$/ }).max(2_000)
const events = z.array(z.enum(webhookEvents)).min(1).max(webhookEvents.length)

export const listWebhookEndpoints = endpoint({
  ...forAdmins,
  method: 'GET',
  path: '/v1/webhook-endpoints',
  summary: 'Where the organization is told of its events, newest first',
  query: pageQuery,
  response: pageOf(webhookEndpoint),
})

export const createWebhookEndpoint = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/webhook-endpoints',
  summary: 'Adds an address; the signing secret is in this answer and never again',
  status: 201,
  body: z.strictObject({ url, events }),
  response: webhookEndpoint.extend({ secret: z.string() }),
})

export const updateWebhookEndpoint = endpoint({
  ...forAdmins,
  method: 'PATCH',
  path: '/v1/webhook-endpoints/:endpointId',
  summary: 'Changes an address, what it hears of, or switches it off and on',
  params,
  body: z.strictObject({
    url: url.optional(),
    events: events.optional(),
    state: z.enum(['active', 'disabled']).optional(),
  }),
  response: webhookEndpoint,
  resources,
})

export const rotateWebhookSecret = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/webhook-endpoints/:endpointId/rotate-secret',
  summary: 'Makes a new signing secret; it is in this answer and never again',
  params,
  response: webhookEndpoint.extend({ secret: z.string() }),
  resources,
})

export const deleteWebhookEndpoint = endpoint({
  ...forAdmins,
  method: 'DELETE',
  path: '/v1/webhook-endpoints/:endpointId',
  summary: 'Takes an address away; what still waits for it is dropped',
  status: 204,
  params,
  response: z.void(),
  resources,
})

export const pingWebhookEndpoint = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/webhook-endpoints/:endpointId/ping',
  summary: 'Sends a `test.ping` event',
  status: 202,
  params,
  response: webhookMessage,
  resources,
})

export const listWebhookMessages = endpoint({
  ...forAdmins,
  method: 'GET',
  path: '/v1/webhook-endpoints/:endpointId/messages',
  summary: 'The delivery log of an address, newest first',
  params,
  query: pageQuery.extend({ state: z.enum(['waiting', 'delivered', 'failed']).optional() }),
  response: pageOf(webhookMessage),
  resources,
})

export const replayWebhookMessage = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/webhook-endpoints/:endpointId/messages/:messageId/replay',
  summary: 'Sends a message again, under its old event id',
  status: 202,
  params: messageParams,
  response: webhookMessage,
  resources: messageResources,
})
