import { DomainError } from '#api/core/errors.ts'

export const numberTaken = () =>
  new DomainError(
    'phone-numbers.taken',
    409,
    'This number belongs to somebody else on the platform.',
  )
