import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { noteCarrierRecording } from '#api/domains/calls/service.ts'
import { findRouteByNumber, type NumberRoute } from '#api/domains/phone-numbers/service.ts'
import { forwardTo, hangUp, sayAndHangUp, takeMessage } from '#api/vendors/twilio-webhooks.ts'
import { DEFAULT_REFUSAL, refusalTexts } from '../notices.ts'
import { recordingForm, twiml } from './forms.ts'

const MESSAGE_SECONDS = 120
const FORWARD_RING_SECONDS = 20
const FORWARD_SECONDS = 3_600 // paid by the tenant's own account, and bounded all the same
const THANKS = 'Thank you. Goodbye.'
const REMEMBERED = 10_000 // numbers a gateway answers; the oldest is asked for again

/** Refusals that a number's fallback does not soften: nobody is there, or the caller is the trouble. */
const FINAL = [
  'calls.number_not_in_service',
  'calls.organization_not_active',
  'calls.caller_rate_exceeded',
]

type Fallback = NumberRoute['fallback']

/** What a caller gets whose call is not taken. While the database is away, the last known counts. */
export class Fallbacks {
  readonly #ctx: Context
  readonly #gatewayUrl: string
  readonly #known = new Map<string, Fallback>()

  constructor(ctx: Context, gatewayUrl: string) {
    this.#ctx = ctx
    this.#gatewayUrl = gatewayUrl
  }

  /** TwiML for a call to this number that `error` keeps from being taken. */
  async answer(to: string, error: unknown): Promise<string> {
    const code = error instanceof DomainError ? error.code : null
    if (code) this.#ctx.log.info({ code }, 'call refused')
    else this.#ctx.log.error({ err: error }, 'a call could not be admitted')
    const refusal = sayAndHangUp((code && refusalTexts[code]) || DEFAULT_REFUSAL)
    if (code !== null && FINAL.includes(code)) return refusal
    const fallback = await this.#find(to)
    return fallback === null || fallback.kind === 'none' ? refusal : this.#twimlOf(fallback)
  }

  #twimlOf(fallback: Exclude<Fallback, { kind: 'none' }>): string {
    switch (fallback.kind) {
      case 'message':
        return sayAndHangUp(fallback.text)
      case 'voicemail':
        return takeMessage({
          say: fallback.text,
          recordingUrl: `${this.#gatewayUrl}/twilio/recording`,
          maxSeconds: MESSAGE_SECONDS,
          thanks: `${this.#gatewayUrl}/twilio/thanks`,
        })
      case 'forward':
        return forwardTo({
          to: fallback.to,
          afterUrl: `${this.#gatewayUrl}/twilio/forwarded`,
          ringSeconds: FORWARD_RING_SECONDS,
          maxSeconds: FORWARD_SECONDS,
        })
    }
  }

  async #find(to: string): Promise<Fallback | null> {
    try {
      const fallback = (await findRouteByNumber(this.#ctx, to))?.fallback ?? null
      if (fallback) this.#remember(to, fallback)
      return fallback
    } catch (error) {
      this.#ctx.log.warn({ err: error }, 'the last known fallback of a number counts')
      return this.#known.get(to) ?? null
    }
  }

  #remember(to: string, fallback: Fallback): void {
    this.#known.delete(to)
    if (this.#known.size >= REMEMBERED) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.set(to, fallback)
  }
}

const forwardedForm = z.object({ DialCallStatus: z.string().max(20) })

/** What Twilio asks and tells after a fallback, and of recordings that it made for us. */
export function fallbackWebhooks(app: FastifyInstance, ctx: Context): void {
  app.post('/twilio/thanks', (_request, reply) => twiml(reply, sayAndHangUp(THANKS)))

  app.post('/twilio/forwarded', (request, reply) => {
    const told = forwardedForm.safeParse(request.body)
    const wasAnswered = told.data?.DialCallStatus === 'completed'
    return twiml(reply, wasAnswered ? hangUp() : sayAndHangUp(DEFAULT_REFUSAL))
  })

  app.post('/twilio/recording', async (request, reply) => {
    const told = recordingForm.safeParse(request.body)
    if (!told.success) return reply.code(400).send('')
    if (told.data.status === 'completed') await noteCarrierRecording(ctx, told.data)
    return reply.code(204).send()
  })
}
