import type { Context } from '#api/core/context.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import { findCarrierBySid } from '#api/domains/carrier-accounts/service.ts'

/** Twilio through the account that a call runs in: the platform's, or a tenant's own. */
export async function carrierOfCall(
  ctx: Context,
  { twilioAccountSid }: { twilioAccountSid: string | null },
): Promise<TwilioClient> {
  const own = twilioAccountSid ? await findCarrierBySid(ctx, twilioAccountSid) : null
  // Of an account that was disconnected the platform's answers that it knows no such call, as it is.
  return own ?? ctx.vendors.twilio
}
