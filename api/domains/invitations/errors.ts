import type { OrganizationRole } from '#api/contract/permissions.ts'
import { DomainError } from '#api/core/errors.ts'

export const roleTooHigh = (role: OrganizationRole) =>
  new DomainError('invitations.role_too_high', 403, `Your own role is too low to invite ${role}.`)
export const alreadyMember = () =>
  new DomainError(
    'invitations.already_member',
    409,
    'Somebody with this address is a member of the organization already.',
  )
export const alreadyInvited = () =>
  new DomainError(
    'invitations.already_invited',
    409,
    'This address is invited already. Send that invitation again, or revoke it first.',
  )
export const linkReplaced = () =>
  new DomainError(
    'invitations.link_replaced',
    409,
    'The link cannot be shown any more. Send the invitation again for a new one.',
  )
export const otherAddress = (emailHint: string) =>
  new DomainError(
    'invitations.other_address',
    403,
    `This invitation is for ${emailHint}. Sign in with that address to accept it.`,
  )
export const addressNotVerified = () =>
  new DomainError(
    'invitations.address_not_verified',
    403,
    'Verify your address first; an invitation is accepted by the person it was sent to.',
  )
export const organizationNotActive = () =>
  new DomainError(
    'invitations.organization_not_active',
    403,
    'Nobody can join this organization now.',
  )

const accepted = () =>
  new DomainError('invitations.accepted', 409, 'This invitation has been accepted.')
const revoked = () =>
  new DomainError('invitations.revoked', 409, 'This invitation has been taken back.')
const expired = () =>
  new DomainError(
    'invitations.expired',
    409,
    'This invitation has expired. Ask for it to be sent again.',
  )

/** Why an invitation cannot be used, revoked or sent again any more. */
export const notOpen = (status: 'accepted' | 'revoked' | 'expired') =>
  ({ accepted, revoked, expired })[status]()
