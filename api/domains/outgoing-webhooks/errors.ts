import { DomainError } from '#api/core/errors.ts'

export const addressNotAllowed = () =>
  new DomainError(
    'outgoing-webhooks.address_not_allowed',
    400,
    'Give an https address on the public internet, without a user name in it.',
  )
export const tooManyEndpoints = (most: number) =>
  new DomainError(
    'outgoing-webhooks.too_many_endpoints',
    409,
    `An organization has at most ${most} addresses. Delete one first.`,
  )
export const endpointDisabled = () =>
  new DomainError(
    'outgoing-webhooks.endpoint_disabled',
    409,
    'The address is switched off. Switch it on first.',
  )
export const stillWaiting = () =>
  new DomainError(
    'outgoing-webhooks.still_waiting',
    409,
    'The message is still on its way and needs no replay.',
  )
