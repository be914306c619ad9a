import type { findingCauses, findingKinds } from './contract.ts'

type Kind = (typeof findingKinds)[number]
type Cause = (typeof findingCauses)[number]

/** What is known of a settled call; null is unknown. */
export type Clocks = {
  carrierSeconds: number | null
  elevenLabsSeconds: number | null
  gatewaySeconds: number | null
  billedSeconds: number | null
  chargedCents: number | null
  vendorCostMicroUsd: number | null
  pricePerHourCents: number | null
  currency: string
  reason: string
  resumes: number
  hasCarrier: boolean
  hasConversation: boolean
  settledAt: Date
}

/** The carrier counts from the answer in whole seconds; media begin and end a moment apart from it. */
export const CARRIER_TOLERANCE_SECONDS = 5
/** The agent is there before the caller hears it, and goes when the farewell begins. */
export const CONVERSATION_TOLERANCE_SECONDS = 10
/** The last notice may run this long past the funded second. */
export const UNPAID_TOLERANCE_SECONDS = 2
/** What a vendor has not told by then has to be asked for by a person. */
export const REPORT_HOURS = 24
const MICRO_USD_PER_CENT = 10_000

/** Where the clocks of one call disagree by more than they may, and why most likely. */
export function compareClocks(call: Clocks, now: Date): { kind: Kind; cause: Cause }[] {
  const found: { kind: Kind; cause: Cause }[] = []
  const note = (kind: Kind, cause: Cause) => found.push({ kind, cause })
  const isDue = now.getTime() - call.settledAt.getTime() >= REPORT_HOURS * 3_600_000
  const { carrierSeconds, elevenLabsSeconds, gatewaySeconds, billedSeconds } = call

  if (call.hasCarrier && carrierSeconds === null && isDue) note('carrier_unknown', 'not_reported')
  if (beyond(billedSeconds, carrierSeconds, CARRIER_TOLERANCE_SECONDS))
    note('charged_beyond_carrier', likely(call))
  if (beyond(carrierSeconds, gatewaySeconds, CARRIER_TOLERANCE_SECONDS))
    note('carrier_longer', likely(call))
  if (call.hasConversation) {
    if (elevenLabsSeconds === null && isDue) note('conversation_unknown', 'not_reported')
    if (beyond(elevenLabsSeconds, gatewaySeconds, CONVERSATION_TOLERANCE_SECONDS))
      note('conversation_longer', likely(call))
    if (beyond(gatewaySeconds, elevenLabsSeconds, CONVERSATION_TOLERANCE_SECONDS))
      note('conversation_shorter', likely(call))
    if (call.vendorCostMicroUsd === null && isDue) note('cost_unknown', 'not_rated')
  }
  if (beyond(gatewaySeconds, billedSeconds, UNPAID_TOLERANCE_SECONDS))
    note('seconds_unpaid', likely(call))
  const marginCents = marginOf(call)
  if (marginCents !== null && marginCents < 0)
    note('below_cost', call.pricePerHourCents === 0 ? 'free_call' : 'price_below_cost')
  return found
}

/** Charged less vendor cost, in whole cents; null where that cannot be said. */
export const marginOf = (call: {
  chargedCents: number | null
  vendorCostMicroUsd: number | null
  currency: string
}): number | null =>
  call.chargedCents === null || call.vendorCostMicroUsd === null || call.currency !== 'usd'
    ? null
    : Math.round(call.chargedCents - call.vendorCostMicroUsd / MICRO_USD_PER_CENT)

/** True only where both are known. */
const beyond = (more: number | null, less: number | null, tolerance: number): boolean =>
  more !== null && less !== null && more > less + tolerance

function likely({ reason, resumes, gatewaySeconds }: Clocks): Cause {
  if (reason === 'owner_lost') return 'gateway_lost'
  if (reason === 'funds_exhausted') return 'funds_exhausted'
  if (resumes > 0) return 'stream_taken_over'
  return gatewaySeconds === 0 ? 'never_served' : 'unexplained'
}
