import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { newId, unixSeconds } from '../ids.ts'
import { isObject, type Json, merged, readObject } from '../json.ts'
import { notFound, parse } from '../problems.ts'
import type { Webhook } from '../store.ts'
import type { World } from '../world.ts'

const headers = z.record(z.string(), z.string()).nullish()
const createBody = z.looseObject({
  settings: z.looseObject({
    auth_type: z.literal('hmac'),
    name: z.string(),
    webhook_url: z.url(),
    request_headers: headers,
  }),
})
const patchBody = z.looseObject({
  is_disabled: z.boolean(),
  name: z.string(),
  retry_enabled: z.boolean().nullish(),
  request_headers: headers,
})
const settingsBody = z.looseObject({
  webhooks: z.looseObject({ post_call_webhook_id: z.string().nullish() }).nullish(),
})

const CHARACTER_LIMIT = 1_000_000 // generous: nobody runs dry in a sandbox by accident

export const defaultSettings: Json = {
  conversation_initiation_client_data_webhook: null,
  webhooks: { post_call_webhook_id: null, events: ['transcript'], transcript_format: 'json' },
  can_use_mcp_servers: false,
  rag_retention_period_days: 10,
  default_livekit_stack: 'standard',
}

type ById = { Params: { webhookId: string } }

export function workspaceRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.post('/v1/workspace/webhooks', async (request) => {
    const { settings } = parse(createBody, request.body, 'body')
    const webhook = addWebhook(world, settings)
    return { webhook_id: webhook.webhook_id, webhook_secret: world.webhookSecret }
  })

  app.get('/v1/workspace/webhooks', async () => ({
    webhooks: [...store.webhooks.values()].map((webhook) => webhookView(world, webhook)),
  }))

  app.patch<ById>('/v1/workspace/webhooks/:webhookId', async (request) => {
    const webhook = getWebhook(world, request.params.webhookId)
    const body = parse(patchBody, request.body, 'body')
    webhook.is_disabled = body.is_disabled
    webhook.name = body.name
    if (typeof body.retry_enabled === 'boolean') webhook.retry_enabled = body.retry_enabled
    if (body.request_headers) webhook.request_headers = body.request_headers
    store.changed()
    return { status: 'ok' }
  })

  app.delete<ById>('/v1/workspace/webhooks/:webhookId', async (request) => {
    store.webhooks.delete(getWebhook(world, request.params.webhookId).webhook_id)
    store.changed()
    return { status: 'ok' }
  })

  app.get('/v1/convai/settings', async () => merged(defaultSettings, store.settings))

  app.patch('/v1/convai/settings', async (request) => {
    const body = parse(settingsBody, request.body ?? {}, 'body')
    const webhookId = body.webhooks?.post_call_webhook_id
    if (webhookId) getWebhook(world, webhookId)
    store.settings = merged(store.settings, isObject(request.body) ? request.body : {})
    store.changed()
    return merged(defaultSettings, store.settings)
  })

  app.get('/v1/user/subscription', async () => ({
    ...subscription(world),
    open_invoices: [],
    has_open_invoices: false,
    next_invoice: null,
    pending_change: null,
  }))

  app.get('/v1/user', async () => ({
    user_id: 'user_sandbox',
    subscription: subscription(world),
    is_new_user: false,
    can_use_delayed_payment_methods: false,
    is_onboarding_completed: true,
    is_onboarding_checklist_completed: true,
    created_at: 0,
    seat_type: 'workspace_admin',
  }))
}

/** Registers a webhook. Every one signs with the sandbox's one secret, as the product is configured. */
export function addWebhook(
  world: World,
  settings: {
    name: string
    webhook_url: string
    request_headers?: Record<string, string> | null | undefined
  },
): Webhook {
  const webhook: Webhook = {
    webhook_id: newId('wh_'),
    name: settings.name,
    webhook_url: settings.webhook_url,
    is_disabled: false,
    request_headers: settings.request_headers ?? {},
    retry_enabled: true,
    created_at_unix: unixSeconds(),
    most_recent_failure_error_code: null,
    most_recent_failure_timestamp: null,
  }
  world.store.webhooks.set(webhook.webhook_id, webhook)
  world.store.changed()
  return webhook
}

export function workspaceWebhookSettings(world: World): Json {
  return readObject(merged(defaultSettings, world.store.settings), 'webhooks')
}

function getWebhook(world: World, id: string): Webhook {
  const webhook = world.store.webhooks.get(id)
  if (!webhook) throw notFound('Webhook', id)
  return webhook
}

function webhookView(world: World, webhook: Webhook) {
  const isUsed = workspaceWebhookSettings(world).post_call_webhook_id === webhook.webhook_id
  return {
    name: webhook.name,
    webhook_id: webhook.webhook_id,
    webhook_url: webhook.webhook_url,
    is_disabled: webhook.is_disabled,
    is_auto_disabled: false,
    created_at_unix: webhook.created_at_unix,
    auth_type: 'hmac',
    usage: isUsed ? [{ usage_type: 'ConvAI Settings' }] : [],
    events: null,
    most_recent_failure_error_code: webhook.most_recent_failure_error_code,
    most_recent_failure_timestamp: webhook.most_recent_failure_timestamp,
  }
}

function subscription(world: World) {
  return {
    tier: 'creator',
    character_count: world.store.charactersUsed,
    character_limit: CHARACTER_LIMIT,
    max_character_limit_extension: 0,
    max_credit_limit_extension: 0,
    can_extend_character_limit: false,
    allowed_to_extend_character_limit: false,
    next_character_count_reset_unix: null,
    voice_slots_used: 0,
    professional_voice_slots_used: 0,
    professional_voice_slots_used_in_workspace: 0,
    voice_limit: 30,
    max_voice_add_edits: null,
    voice_add_edit_counter: 0,
    professional_voice_limit: 1,
    can_extend_voice_limit: false,
    can_use_instant_voice_cloning: true,
    can_use_professional_voice_cloning: true,
    currency: 'usd',
    current_overage: { amount: '0', currency: 'usd' },
    status: 'active',
    billing_period: 'monthly_period',
    character_refresh_period: 'monthly_period',
  }
}
