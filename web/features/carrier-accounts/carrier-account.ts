import type { z } from 'zod'
import type { carrierAccount } from '#contracts/carrier-accounts'

export type CarrierAccount = z.output<typeof carrierAccount>

/** What people call an account: its label, else its SID. */
export const nameOf = ({ label, twilioAccountSid }: CarrierAccount): string =>
  label || twilioAccountSid
