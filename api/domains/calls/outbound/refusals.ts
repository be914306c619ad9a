import type { DomainError } from '#api/core/errors.ts'
import { countryOfNumber, factsOfNumber } from '#api/core/number-plan.ts'
import { insufficientBalance } from '#api/domains/wallet/service.ts'
import * as errors from '../errors.ts'
import { type Hours, isOpen, widestHours } from './hours.ts'
import type { Facts } from './queries.ts'

export type Asked = {
  to: string
  fromNumber: string
  consentObtainedAt: Date
  isDoNotCall: boolean
  /** How many minutes of a day the platform allows. */
  dailyMinutes: number
  now: Date
}

/** Why the call may not be placed, the first reason in the order of THREATS 11; null where none stands against it. */
export function refusalOf(facts: Facts, asked: Asked): DomainError | null {
  if (facts.organizationStatus !== 'active') return errors.organizationNotActive()
  if (facts.isAgentCallsOff) return errors.agentCallsOff()
  if (facts.isOutboundOff) return errors.outboundCallsOff()
  if (facts.numberState !== 'active') return errors.numberNotReady()
  if (!facts.elevenLabsAgentId) return errors.agentNotReady()
  return (
    refusalOfNumber(facts, asked) ??
    (asked.isDoNotCall ? errors.doNotCall() : null) ??
    (asked.consentObtainedAt > asked.now ? errors.consentNotValid() : null) ??
    refusalOfLoad(facts, asked)
  )
}

/** Country, kind and hour of the number (THREATS T15, T52). */
export function refusalOfNumber(
  facts: Pick<Facts, 'allowedCountries' | 'rules'>,
  { to, fromNumber, now }: Pick<Asked, 'to' | 'fromNumber' | 'now'>,
): DomainError | null {
  const number = factsOfNumber(to)
  if (!number) return errors.numberInvalid()
  const isAllowed = number.country && countriesFor(facts, fromNumber).includes(number.country)
  if (number.country && !isAllowed) return errors.countryNotAllowed()
  if (number.isSpecial) return errors.numberSpecial()
  return isOpen(number.zones, hoursOf(facts), now) ? null : errors.outsideHours()
}

/** Where an organization has named no country, it calls the one its number is of. */
export function countriesFor(
  { allowedCountries }: Pick<Facts, 'allowedCountries'>,
  fromNumber: string,
): string[] {
  const own = countryOfNumber(fromNumber)
  return allowedCountries.length > 0 || !own ? allowedCountries : [own]
}

export const hoursOf = ({ rules }: Pick<Facts, 'rules'>): Hours => rules ?? widestHours

function refusalOfLoad(facts: Facts, asked: Asked): DomainError | null {
  if (facts.toNumber > 0) return errors.alreadyCalling()
  if (facts.running >= facts.organizationLimit) return errors.organizationBusy()
  if (facts.onNumber >= (facts.numberLimit ?? 0)) return errors.numberBusy()
  const minutes = Math.min(asked.dailyMinutes, facts.rules?.dailyMinutes ?? asked.dailyMinutes)
  return facts.usedSeconds >= minutes * 60 ? errors.dailyMinutesUsed() : null
}

/** What a call on record was refused with, said again to whoever asks for it again. */
export const refusalAgain = (code: string): DomainError | undefined =>
  every.map((make) => make()).find((refusal) => refusal.code === code)

const every: readonly (() => DomainError)[] = [
  errors.organizationNotActive,
  errors.agentCallsOff,
  errors.outboundCallsOff,
  errors.numberNotReady,
  errors.agentNotReady,
  errors.numberInvalid,
  errors.countryNotAllowed,
  errors.numberSpecial,
  errors.outsideHours,
  errors.doNotCall,
  errors.consentNotValid,
  errors.alreadyCalling,
  errors.organizationBusy,
  errors.numberBusy,
  errors.platformBusy,
  errors.agentNotReached,
  errors.dailyMinutesUsed,
  errors.carrierRefused,
  insufficientBalance,
]
