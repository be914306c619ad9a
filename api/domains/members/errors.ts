import type { OrganizationRole } from '#api/contract/permissions.ts'
import { DomainError } from '#api/core/errors.ts'

export const alreadyMember = () =>
  new DomainError('members.already_member', 409, 'This person belongs to an organization already.')
export const lastAdmin = () =>
  new DomainError('members.last_admin', 409, 'An organization keeps at least one admin.')
export const roleTooHigh = (role: OrganizationRole) =>
  new DomainError('members.role_too_high', 403, `Your own role is too low to act on ${role}.`)
