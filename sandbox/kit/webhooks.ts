import { setTimeout as wait } from 'node:timers/promises'
import type { Faults } from './faults.ts'
import type { Journal, Vendor } from './journal.ts'

export type WebhookRequest = {
  url: string
  method?: 'POST' | 'GET'
  headers: Record<string, string>
  body?: string | undefined
  timeoutMs: number
  /** What the journal shows; the body as sent when absent. */
  shown?: unknown
  signal?: AbortSignal
}

export type WebhookAnswer =
  | { kind: 'answered'; status: number; contentType: string; body: string }
  | { kind: 'timeout' }
  /** Nothing was answered: refused, reset, unknown host. */
  | { kind: 'unreachable'; cause: string }
  | { kind: 'lost' }

const MAX_ANSWER_CHARACTERS = 64 * 1024 // Twilio's limit for a document; one more shows it was longer
const REORDER_WAIT_MS = 1_000 // a held delivery goes out alone when no other follows it
const MAX_DELAY_MS = 120_000

/** Sends a stand-in's webhooks: journaled, and lost, doubled, delayed or swapped as the faults say. */
export class WebhookSender {
  readonly #vendor: Vendor
  readonly #journal: Journal
  readonly #faults: Faults
  readonly #closing = new AbortController()
  readonly #held: (() => void)[] = []

  constructor(vendor: Vendor, journal: Journal, faults: Faults) {
    this.#vendor = vendor
    this.#journal = journal
    this.#faults = faults
  }

  async send(request: WebhookRequest): Promise<WebhookAnswer> {
    const url = new URL(request.url)
    const rule = this.#faults.takeRule(
      this.#vendor,
      'webhook',
      request.method ?? 'POST',
      url.pathname + url.search,
    )
    const action = rule?.action
    if (rule && action?.type === 'block') await this.#faults.opened(rule)
    if (action?.type === 'lose' || action?.type === 'drop') {
      this.#note(request, 'fault: lost before it was sent')
      return { kind: 'lost' }
    }
    if (action?.type === 'delay' || action?.type === 'latency')
      await wait(Math.min(action.ms, MAX_DELAY_MS), undefined, { ref: false })
    if (action?.type === 'reorder') await this.#untilAnotherWentOut()
    const answer = await this.#deliver(request, action ? `fault: ${action.type}` : undefined)
    if (action?.type === 'duplicate') await this.#deliver(request, 'fault: duplicate')
    this.#held.shift()?.()
    return answer
  }

  close(): void {
    this.#closing.abort()
    for (const go of this.#held.splice(0)) go()
  }

  async #deliver(request: WebhookRequest, note: string | undefined): Promise<WebhookAnswer> {
    const entry = this.#note(request, note)
    const answer = await fetchOnce(request, this.#closing.signal)
    if (answer.kind === 'answered') this.#journal.update(entry, { status: answer.status })
    else this.#journal.update(entry, { note: [note, describe(answer)].filter(Boolean).join('; ') })
    return answer
  }

  #note(request: WebhookRequest, note: string | undefined) {
    return this.#journal.record({
      vendor: this.#vendor,
      kind: 'webhook',
      method: request.method ?? 'POST',
      path: request.url,
      body: request.shown ?? request.body,
      ...(note === undefined ? {} : { note }),
    })
  }

  async #untilAnotherWentOut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held.push(resolve)
    await Promise.race([promise, wait(REORDER_WAIT_MS, undefined, { ref: false })])
    const at = this.#held.indexOf(resolve)
    if (at >= 0) this.#held.splice(at, 1)
  }
}

async function fetchOnce(request: WebhookRequest, closing: AbortSignal): Promise<WebhookAnswer> {
  const timeout = AbortSignal.timeout(request.timeoutMs)
  const signals = [timeout, closing, ...(request.signal ? [request.signal] : [])]
  try {
    const response = await fetch(request.url, {
      method: request.method ?? 'POST',
      // A vendor's deliveries come from many machines: each on a connection of its own.
      headers: { ...request.headers, connection: 'close' },
      signal: AbortSignal.any(signals),
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    const body = (await response.text()).slice(0, MAX_ANSWER_CHARACTERS + 1)
    const contentType = response.headers.get('content-type') ?? ''
    return { kind: 'answered', status: response.status, contentType, body }
  } catch (error) {
    if (timeout.aborted) return { kind: 'timeout' }
    return { kind: 'unreachable', cause: causeOf(error) }
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return error.message
}

function describe(answer: Exclude<WebhookAnswer, { kind: 'answered' }>): string {
  return answer.kind === 'unreachable' ? `unreachable: ${answer.cause}` : answer.kind
}
