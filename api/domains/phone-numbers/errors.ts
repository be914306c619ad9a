import { DomainError } from '#api/core/errors.ts'

export const numberTaken = () =>
  new DomainError(
    'phone-numbers.taken',
    409,
    'This number is in service on the platform already, here or with somebody else.',
  )
export const notHeld = () =>
  new DomainError('phone-numbers.not_held', 422, 'The Twilio account does not hold this number.')
export const notAvailable = () =>
  new DomainError('phone-numbers.not_available', 409, 'Twilio does not sell this number now.')
export const noVoice = () =>
  new DomainError('phone-numbers.no_voice', 422, 'This number cannot take voice calls.')
export const notConfirmed = () =>
  new DomainError('phone-numbers.not_confirmed', 422, 'The number was not typed as it is.')
export const tooManyNumbers = (limit: number) =>
  new DomainError('phone-numbers.too_many', 409, `An organization has ${limit} numbers at most.`)
export const beingReleased = () =>
  new DomainError('phone-numbers.released', 409, 'The number is released or about to be.')
export const nothingToRetry = () =>
  new DomainError('phone-numbers.nothing_to_retry', 409, 'Nothing has failed with this number.')
export const nothingToRepair = () =>
  new DomainError('phone-numbers.nothing_to_repair', 409, 'No drift was found with this number.')
export const notInService = () =>
  new DomainError(
    'phone-numbers.not_in_service',
    409,
    'The number is being set up or has failed, so there is nothing to compare yet.',
  )
export const agentNotReady = () =>
  new DomainError(
    'phone-numbers.agent_not_ready',
    409,
    'The native route needs an agent that ElevenLabs holds: assign one that is published.',
  )
export const forwardNeedsOwnAccount = () =>
  new DomainError(
    'phone-numbers.forward_needs_own_account',
    409,
    'Forwarded minutes are paid by the Twilio account: only numbers of an own account forward.',
  )
export const forwardNotAllowed = () =>
  new DomainError(
    'phone-numbers.forward_not_allowed',
    422,
    'Calls are forwarded to ordinary numbers of allowed countries only, and not to themselves.',
  )
export const platformKeepsNone = () =>
  new DomainError(
    'phone-numbers.platform_keeps_none',
    409,
    'A number of the platform’s account can only be given back to Twilio.',
  )

/** Why setting up a number cannot go on, kept with the number. */
export const setupFailures = {
  number_gone: 'The Twilio account does not hold this number any more.',
  held_already: 'The Twilio account holds this number already; it was not bought again.',
  purchase_unclear: 'Twilio was asked twice to sell this number and it is still not there.',
  agent_not_ready: 'The agent is not at ElevenLabs yet. Publish it, then retry.',
  unforeseen: 'Something failed on our side. It was reported and is tried again.',
} as const
