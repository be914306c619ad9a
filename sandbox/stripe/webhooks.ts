import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type Stripe from 'stripe'
import type { Journal } from '../kit/journal.ts'
import type { WebhookSender } from '../kit/webhooks.ts'

// Stripe tries for three days. Here the first tries come fast and the last after about two minutes.
const RETRY_DELAYS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000]
const ANSWER_TIMEOUT_MS = 20_000
const MAX_UNDERWAY = 1_000 // a receiver that never answers must not fill the memory

export type Webhooks = {
  /** Begins to deliver; every event on its own, so they arrive in any order. */
  deliver(event: Stripe.Event): void
  /** Resolves when nothing is under way or waits to be tried again. */
  idle(): Promise<void>
  close(): Promise<void>
}

export function webhooks(options: {
  url: string | undefined
  secret: string
  sender: WebhookSender
  journal: Journal
  now: () => number
  retryDelaysMs?: readonly number[]
}): Webhooks {
  const { url, secret, sender, journal } = options
  const retryDelaysMs = options.retryDelaysMs ?? RETRY_DELAYS_MS
  const underway = new Set<Promise<void>>()
  const closing = new AbortController()
  const note = (text: string) => journal.record({ vendor: 'stripe', kind: 'note', note: text })

  async function send(target: string, event: Stripe.Event): Promise<void> {
    const { body, headers } = signedDelivery(event, secret, options.now())
    for (const delayMs of [0, ...retryDelaysMs]) {
      if (delayMs > 0) await wait(delayMs, undefined, { signal: closing.signal })
      const fresh = delayMs > 0 ? signedDelivery(event, secret, options.now()) : { body, headers }
      const answer = await sender.send({
        url: target,
        ...fresh,
        shown: event,
        timeoutMs: ANSWER_TIMEOUT_MS,
        signal: closing.signal,
      })
      if (answer.kind === 'lost') return // a fault switch: as if the vendor had lost it
      if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) return
    }
    note(`event ${event.id} given up`)
  }

  return {
    deliver(event) {
      if (!url) return
      if (underway.size >= MAX_UNDERWAY) {
        note(`event ${event.id} dropped: too many under way`)
        return
      }
      const delivery = send(url, event).catch((error: unknown) => {
        if (!closing.signal.aborted) note(`delivering ${event.id} failed: ${String(error)}`)
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

/** An event as it goes out: its text and a signature over that very text. */
export function signedDelivery(
  event: Stripe.Event,
  secret: string,
  nowMs: number,
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify(event, null, 2)
  const timestamp = Math.floor(nowMs / 1_000)
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': `t=${timestamp},v1=${signature}`,
    },
  }
}
