import { DomainError } from '#api/core/errors.ts'

export const accountTaken = () =>
  new DomainError(
    'carrier-accounts.taken',
    409,
    'This Twilio account is connected already, here or by somebody else on the platform.',
  )
export const accountRefused = () =>
  new DomainError(
    'carrier-accounts.refused',
    422,
    'Twilio does not take this account SID with this auth token.',
  )
export const accountNotActive = () =>
  new DomainError(
    'carrier-accounts.not_active',
    422,
    'Twilio has suspended or closed this account.',
  )
export const accountInUse = () =>
  new DomainError(
    'carrier-accounts.in_use',
    409,
    'Numbers of this account are still in service. Release them first.',
  )
export const callsRun = () =>
  new DomainError(
    'carrier-accounts.calls_run',
    409,
    'Calls run in this account. Disconnect it when they are over.',
  )
export const tooManyAccounts = (limit: number) =>
  new DomainError('carrier-accounts.too_many', 409, `An organization connects ${limit} at most.`)
