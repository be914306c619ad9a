import { setTimeout as wait } from 'node:timers/promises'
import { callParams } from './call-params.ts'
import type { Leg } from './leg.ts'
import { rfc2822 } from './sids.ts'
import { finalStatuses } from './statuses.ts'
import { type Method, sendWebhook } from './webhook.ts'
import type { World } from './world.ts'

export const statusCallbackEvents = ['initiated', 'ringing', 'answered', 'completed'] as const
export type StatusCallbackEvent = (typeof statusCallbackEvents)[number]

export type StatusCallbackSettings = {
  url: string
  method: Method
  events: readonly StatusCallbackEvent[]
}

const IN_ORDER_MS = 250 // the next one waits so long for the one before; Twilio promises no order at all

/** Tells the product how far a call has come. Numbered from 0 in the order things happened. */
export class StatusCallbacks {
  settings: StatusCallbackSettings | undefined
  readonly #world: World
  readonly #leg: Leg
  #sequence = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(world: World, leg: Leg, settings: StatusCallbackSettings | undefined) {
    this.#world = world
    this.#leg = leg
    this.settings = settings
  }

  report(event: StatusCallbackEvent): void {
    const { settings } = this
    if (!settings?.events.includes(event)) return
    const params = this.#params(event)
    const previous = this.#last
    this.#last = (async () => {
      await Promise.race([previous, wait(IN_ORDER_MS, undefined, { ref: false })])
      const answer = await sendWebhook(this.#world, settings.url, settings.method, params)
      const status = answer.kind === 'answered' ? answer.status : answer.kind
      this.#leg.happened({ kind: 'webhook', url: settings.url, status })
    })()
  }

  /** Resolves when everything reported so far was delivered or given up. */
  async settled(): Promise<void> {
    await this.#last
  }

  #params(event: StatusCallbackEvent) {
    const leg = this.#leg
    const params = {
      ...callParams(leg),
      CallStatus: event === 'initiated' ? 'initiated' : leg.status,
      Timestamp: rfc2822(new Date()),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(this.#sequence++),
    }
    if (!finalStatuses.some((status) => status === leg.status)) return params
    return {
      ...params,
      CallDuration: String(leg.durationSeconds),
      Duration: String(Math.ceil(leg.durationSeconds / 60)),
      SipResponseCode: leg.status === 'busy' ? '486' : leg.status === 'no-answer' ? '487' : '200',
    }
  }
}
