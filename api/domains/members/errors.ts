import { DomainError } from '#api/core/errors.ts'

export const alreadyMember = () =>
  new DomainError('members.already_member', 409, 'This person belongs to an organization already.')
export const lastAdmin = () =>
  new DomainError('members.last_admin', 409, 'An organization keeps at least one admin.')
