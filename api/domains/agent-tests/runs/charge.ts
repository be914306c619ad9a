import { type Seen, type StepResult, whatWasSeen } from './judge.ts'
import type { Charge } from './queries.ts'

const SECONDS_AN_HOUR = 3_600

export function chargeAtMost(mostCents: number, charge: Charge | undefined): Seen {
  const measured = charge?.costCents ?? null
  if (measured === null) return whatWasSeen('not_settled')
  return whatWasSeen(measured <= mostCents ? null : 'cost_more', { measured })
}

/** What must be true of every call, whatever its test is about. */
export function standingResults(charge: Charge | undefined): StepResult[] {
  const seenOf = (check: StepResult['check'], what: Seen): StepResult => ({
    step: null,
    check,
    outcome: what.code === null ? 'passed' : 'failed',
    ...what,
  })
  if (charge?.state !== 'settled')
    return [seenOf('settled', whatWasSeen('not_settled', { seen: charge?.state ?? null }))]
  const measured = charge.costCents
  return [
    seenOf('settled', whatWasSeen(null)),
    seenOf(
      'chargeCorrect',
      whatWasSeen(isPriceRight(charge) ? null : 'charge_wrong', { measured }),
    ),
    seenOf(
      'ledgerBalanced',
      whatWasSeen(isLedgerRight(charge) ? null : 'ledger_wrong', {
        measured: charge.capturedCents,
      }),
    ),
  ]
}

/** L10 of the ledger: whole cents, rounded up once over all seconds. */
const isPriceRight = ({ costCents, billableSeconds, pricePerHourCents }: Charge): boolean =>
  costCents === Math.ceil(((pricePerHourCents ?? 0) * (billableSeconds ?? 0)) / SECONDS_AN_HOUR)

/** What was held was taken or given back, and what was taken is the charge. */
const isLedgerRight = (charge: Charge): boolean =>
  charge.isHoldSettled &&
  charge.capturedCents === charge.costCents &&
  charge.heldCents === charge.capturedCents + charge.releasedCents
