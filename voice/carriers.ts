import type { Context } from '#api/core/context.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import { findCarrierBySid } from '#api/domains/carrier-accounts/service.ts'
import type { Clock } from './clock.ts'

const FRESH_MS = 30_000 // how late a rotated token counts here
const MAX_ACCOUNTS = 1_000 // tokens held in memory; the oldest is asked for again

type Known = { carrier: TwilioClient; atMs: number }

/**
 * Twilio through the accounts of the platform and of tenants, with their tokens in memory for a moment. While the
 * database is away, those last known count: running calls must be limited and ended all the same.
 */
export class Carriers {
  readonly #ctx: Context
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #known = new Map<string, Known>()

  constructor(ctx: Context, clock: Pick<Clock, 'nowMs'>) {
    this.#ctx = ctx
    this.#clock = clock
  }

  /** Null where nobody connected the account. */
  async find(twilioAccountSid: string): Promise<TwilioClient | null> {
    const { twilio } = this.#ctx.vendors
    if (twilioAccountSid === twilio.accountSid) return twilio
    const known = this.#known.get(twilioAccountSid)
    if (known && this.#clock.nowMs() - known.atMs < FRESH_MS) return known.carrier
    try {
      const carrier = await findCarrierBySid(this.#ctx, twilioAccountSid)
      this.#keep(twilioAccountSid, carrier)
      return carrier
    } catch (error) {
      if (!known) throw error
      this.#ctx.log.warn({ err: error }, 'the last known carrier account counts')
      return known.carrier
    }
  }

  /** For a call that runs: of an account that is gone the platform's knows no call, which is as good as over. */
  async ofCall({ twilioAccountSid }: { twilioAccountSid: string | null }): Promise<TwilioClient> {
    const own = twilioAccountSid === null ? null : await this.find(twilioAccountSid)
    return own ?? this.#ctx.vendors.twilio
  }

  #keep(twilioAccountSid: string, carrier: TwilioClient | null): void {
    this.#known.delete(twilioAccountSid)
    // Anybody can name accounts that nobody has: they push nobody's token out.
    if (!carrier) return
    if (this.#known.size >= MAX_ACCOUNTS) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.set(twilioAccountSid, { carrier, atMs: this.#clock.nowMs() })
  }
}
