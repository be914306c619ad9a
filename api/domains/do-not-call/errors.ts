import { DomainError, invalidRequest } from '#api/core/errors.ts'

export const noNumber = () =>
  invalidRequest('This is no phone number that can be dialled.', [
    { path: 'body.number', message: 'Write it with its country code, as +49 30 12345678.' },
  ])
export const tooMany = (most: number) =>
  new DomainError(
    'do-not-call.too_many',
    409,
    `An organization keeps at most ${most} numbers that are not called.`,
  )
