import { DomainError } from '#api/core/errors.ts'

export const unknownAddress = () =>
  new DomainError(
    'access.unknown_address',
    404,
    'Nobody who has signed in here has proved to own this address.',
  )
export const ownRole = () =>
  new DomainError('access.own_role', 409, 'Nobody changes their own role of the platform.')
export const onAllowList = () =>
  new DomainError(
    'access.on_allow_list',
    409,
    'This role comes from the allow-list of addresses and is changed there.',
  )
