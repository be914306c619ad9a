import { DomainError } from '#api/core/errors.ts'

export const nameTaken = () =>
  new DomainError('competitors.name_taken', 409, 'There is a competitor of this name already.')
export const tooMany = (most: number) =>
  new DomainError(
    'competitors.too_many',
    409,
    `An organization keeps at most ${most} competitors. Delete one first.`,
  )
