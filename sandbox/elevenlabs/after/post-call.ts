import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { unixSeconds } from '../ids.ts'
import { type Json, readObject, readText, readTexts } from '../json.ts'
import { workspaceWebhookSettings } from '../rest/workspace.ts'
import type { Conversation, Webhook } from '../store.ts'
import type { World } from '../world.ts'
import { analyse } from './analysis.ts'
import { detailOf } from './detail.ts'
import { mp3OfRecording } from './mp3.ts'

const WEBHOOK_TIMEOUT_MS = 10_000
const MAX_ATTEMPTS = 4 // 1, 2 and 4 s apart; after that the product's own polling has to find it

/** The call is over: `processing` for a while, then `done` with its analysis, then the webhooks. */
export function afterCall(
  world: World,
  conversation: Conversation,
  recording: Uint8Array | undefined,
): void {
  world.live.delete(conversation.conversation_id)
  world.journal.record({
    vendor: 'elevenlabs',
    kind: 'socket',
    path: `/v1/convai/conversations/${conversation.conversation_id}`,
    note: `ended: ${conversation.termination_reason}`,
  })
  conversation.status = conversation.error ? 'failed' : 'processing'
  if (recording && recording.length > 0)
    world.store.keepAudio(conversation.conversation_id, recording)
  world.store.changed()
  if (conversation.error) return
  const timer = setTimeout(() => finishProcessing(world, conversation), world.postCallDelayMs)
  timer.unref()
}

export function finishProcessing(world: World, conversation: Conversation): void {
  if (conversation.status !== 'processing') return
  conversation.analysis = analyse(conversation, world.store.agents.get(conversation.agent_id))
  conversation.has_audio = world.store.audio(conversation.conversation_id) !== undefined
  conversation.status = 'done'
  world.store.changed()
  void sendPostCall(world, conversation)
}

async function sendPostCall(world: World, conversation: Conversation): Promise<void> {
  const events = eventsFor(world, conversation)
  if (events.includes('transcript'))
    await deliver(world, conversation, 'post_call_transcription', detailOf(conversation))
  if (!events.includes('audio') || !conversation.has_audio) return
  const recording = world.store.audio(conversation.conversation_id)
  if (!recording) return
  await deliver(world, conversation, 'post_call_audio', {
    agent_id: conversation.agent_id,
    conversation_id: conversation.conversation_id,
    full_audio: (await mp3OfRecording(recording)).toString('base64'),
  })
}

/** Signs and sends one event to the webhook that is registered for it, if any. */
export async function deliver(
  world: World,
  conversation: Conversation,
  type: string,
  data: Json,
): Promise<void> {
  const webhook = webhookFor(world, conversation)
  if (!webhook || webhook.is_disabled) return
  const body = JSON.stringify({ type, event_timestamp: unixSeconds(), data })
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0)
      await wait(world.timings.webhookRetryMs * 2 ** (attempt - 1), undefined, { ref: false })
    const answer = await world.webhooks.send({
      url: webhook.webhook_url,
      headers: {
        'content-type': 'application/json',
        ...webhook.request_headers,
        'elevenlabs-signature': sign(body, world.webhookSecret, unixSeconds()),
      },
      body,
      timeoutMs: WEBHOOK_TIMEOUT_MS,
      ...(type === 'post_call_audio'
        ? { shown: { type, conversation_id: conversation.conversation_id } }
        : {}),
    })
    if (answer.kind === 'lost' || (answer.kind === 'answered' && answer.status === 200)) return
    webhook.most_recent_failure_error_code = answer.kind === 'answered' ? answer.status : null
    webhook.most_recent_failure_timestamp = unixSeconds()
    const mayRetry = answer.kind !== 'answered' || answer.status === 429 || answer.status >= 500
    if (!mayRetry || !webhook.retry_enabled) return
  }
}

export function sign(body: string, secret: string, timestamp: number): string {
  const mac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  return `t=${timestamp},v0=${mac}`
}

function eventsFor(world: World, conversation: Conversation): string[] {
  const own = readTexts(agentWebhooks(world, conversation), 'events')
  return own.length > 0 ? own : readTexts(workspaceWebhookSettings(world), 'events')
}

function webhookFor(world: World, conversation: Conversation): Webhook | undefined {
  const own = readText(agentWebhooks(world, conversation), 'post_call_webhook_id')
  const shared = readText(workspaceWebhookSettings(world), 'post_call_webhook_id')
  return world.store.webhooks.get(own || shared)
}

function agentWebhooks(world: World, conversation: Conversation): Json {
  const platform = world.store.agents.get(conversation.agent_id)?.platform_settings
  return readObject(platform, 'workspace_overrides', 'webhooks')
}
