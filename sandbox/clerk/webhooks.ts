import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Journal } from '../kit/journal.ts'
import type { WebhookSender } from '../kit/webhooks.ts'
import { privateUserResource } from './resources.ts'
import { newId, type User } from './store.ts'
import type { UserEvent } from './users.ts'

// Svix tries for a day. Here the product may still be starting when the seed makes its users, so
// the first tries come fast and the last after about two minutes.
export const RETRY_DELAYS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000]
const ANSWER_TIMEOUT_MS = 15_000 // Svix's own
const MAX_QUEUED = 1_000 // events under way; a receiver that never answers must not fill the memory

export type UserWebhooks = {
  tell(event: UserEvent, user: User): void
  /** Resolves when nothing is being delivered or waits to be tried again. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Sends user events signed the Svix way, again and again until they are taken. */
export function userWebhooks(options: {
  url: string | undefined
  secret: string
  instanceId: string
  sender: WebhookSender
  journal: Journal
  retryDelaysMs?: readonly number[]
  now: () => number
}): UserWebhooks {
  const { url, sender, journal, now } = options
  const retryDelaysMs = options.retryDelaysMs ?? RETRY_DELAYS_MS
  const key = Buffer.from(options.secret.replace(/^whsec_/, ''), 'base64')
  const underway = new Set<Promise<void>>()
  const closing = new AbortController()

  async function deliver(target: string, id: string, shown: object): Promise<void> {
    const body = JSON.stringify(shown)
    for (const delayMs of [0, ...retryDelaysMs]) {
      if (delayMs > 0) await wait(delayMs, undefined, { signal: closing.signal })
      const timestamp = Math.floor(now() / 1_000).toString()
      const answer = await sender.send({
        url: target,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Svix-Webhooks/1.0',
          'svix-id': id,
          'svix-timestamp': timestamp,
          'svix-signature': sign(key, id, timestamp, body),
        },
        body,
        shown,
        timeoutMs: ANSWER_TIMEOUT_MS,
        signal: closing.signal,
      })
      if (answer.kind === 'lost') return // a fault switch: as if the vendor had lost it
      if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) return
    }
    journal.record({ vendor: 'clerk', kind: 'note', note: `webhook ${id} given up`, path: target })
  }

  return {
    tell(type, user) {
      if (!url) return
      if (underway.size >= MAX_QUEUED) {
        journal.record({
          vendor: 'clerk',
          kind: 'note',
          note: `webhook ${type} dropped: queue full`,
        })
        return
      }
      const data =
        type === 'user.deleted'
          ? { id: user.id, object: 'user', deleted: true, external_id: user.externalId }
          : privateUserResource(user)
      const shown = {
        data: structuredClone(data),
        event_attributes: { http_request: { client_ip: '127.0.0.1', user_agent: 'sandbox' } },
        instance_id: options.instanceId,
        object: 'event',
        timestamp: now(),
        type,
      }
      const delivery = deliver(url, newId('msg'), shown).catch((error: unknown) => {
        if (closing.signal.aborted) return
        journal.record({ vendor: 'clerk', kind: 'note', note: `webhook failed: ${String(error)}` })
      })
      underway.add(delivery)
      void delivery.finally(() => underway.delete(delivery))
    },
    async idle() {
      await Promise.all(underway)
    },
    async close() {
      closing.abort()
      sender.close()
      await Promise.all(underway)
    },
  }
}

export function sign(key: Buffer, id: string, timestamp: string, body: string): string {
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return `v1,${digest}`
}
