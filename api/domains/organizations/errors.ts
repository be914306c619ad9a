import { DomainError } from '#api/core/errors.ts'

export const statusConflict = (status: string) =>
  new DomainError('organization.status_conflict', 409, `The organization is ${status} already.`)
