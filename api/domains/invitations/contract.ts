import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'
import { organizationRoles } from '#api/contract/permissions.ts'
import { organizationStatuses } from '#contracts/organizations'

/** `expired` is a pending one whose time is over; it can be sent again. */
export const invitationStatuses = ['pending', 'expired', 'accepted', 'revoked'] as const

export const invitation = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(organizationRoles),
  status: z.enum(invitationStatuses),
  invitedBy: z.string().nullable(),
  createdAt: instant,
  /** Null until the newest mail was handed to the mail server. */
  sentAt: instant.nullable(),
  /** The mail server refused the address for good: a resend is worth nothing, another address is. */
  undeliverableAt: instant.nullable(),
  expiresAt: instant,
})

const params = z.strictObject({ invitationId: z.uuid() })
const resources = { invitationId: 'invitation' }

export const listInvitations = endpoint({
  method: 'GET',
  path: '/v1/invitations',
  permission: 'members.invite',
  summary: 'Invitations, newest first',
  query: pageQuery.extend({ status: z.enum(invitationStatuses).optional() }),
  response: pageOf(invitation),
})

export const createInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations',
  permission: 'members.invite',
  limit: 'invites',
  summary: 'Invites somebody by mail; the link is good for 72 hours and one use',
  status: 201,
  idempotent: true,
  body: z.strictObject({
    email: z.email().max(254),
    role: z.enum(organizationRoles),
  }),
  response: invitation,
})

export const resendInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/:invitationId/resend',
  permission: 'members.invite',
  limit: 'invites',
  summary: 'Mails a new link for another 72 hours; the link before is dead',
  idempotent: true,
  params,
  response: invitation,
  resources,
})

export const revokeInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/:invitationId/revoke',
  permission: 'members.invite',
  summary: 'Takes an invitation back; its link is dead',
  params,
  response: invitation,
  resources,
})

export const getInvitationLink = endpoint({
  method: 'GET',
  path: '/v1/invitations/:invitationId/link',
  permission: 'members.invite',
  peopleOnly: true,
  summary: 'The newest link of a pending invitation, to be handed over by other means than mail',
  params,
  response: z.object({ url: z.string() }),
  resources,
})

export const inviteAdmin = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/invitations',
  permission: 'platform.organizations.manage',
  summary: 'Invites an admin from outside, for an organization that has lost its own',
  status: 201,
  idempotent: true,
  params: z.strictObject({ organizationId: z.uuid() }),
  body: z.strictObject({
    email: z.email().max(254),
    reason: z.string().trim().min(3).max(200),
  }),
  response: invitation,
  resources: { organizationId: 'organization' },
})

const token = z.string().regex(/^[\w-]{43}$/, { error: 'is not a token of an invitation' })

/** What whoever holds a link may know before signing in. */
export const invitationPreview = z.object({
  status: z.enum(invitationStatuses),
  organizationName: z.string(),
  /** Nobody can join one that is not active. */
  organizationStatus: z.enum(organizationStatuses),
  role: z.enum(organizationRoles),
  /** With the middle hidden: `a…a@example.com`. */
  emailHint: z.string(),
  expiresAt: instant,
})

export const previewInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/preview',
  permission: 'anyone',
  limit: 'invite-accept',
  summary: 'What a link invites to; the token travels in the body so that no log keeps it',
  body: z.strictObject({ token }),
  response: invitationPreview,
})

export const acceptInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/accept',
  permission: 'signed in',
  limit: 'invite-accept',
  peopleOnly: true,
  summary: 'Joins the organization, for the person whose verified address was invited',
  body: z.strictObject({ token }),
  response: z.object({ organizationId: z.uuid(), role: z.enum(organizationRoles) }),
})

/** An invitation as the invited person sees it. */
export const ownInvitation = z.object({
  id: z.uuid(),
  organizationName: z.string(),
  role: z.enum(organizationRoles),
  invitedBy: z.string().nullable(),
  expiresAt: instant,
})

export const listOwnInvitations = endpoint({
  method: 'GET',
  path: '/v1/me/invitations',
  permission: 'signed in',
  peopleOnly: true,
  summary: 'Invitations waiting for the caller’s verified address, newest first',
  response: z.object({ items: z.array(ownInvitation) }),
})

export const acceptOwnInvitation = endpoint({
  method: 'POST',
  path: '/v1/me/invitations/:invitationId/accept',
  permission: 'signed in',
  peopleOnly: true,
  summary: 'Joins the organization without the mail’s link: the verified address is proof enough',
  params,
  response: z.object({ organizationId: z.uuid(), role: z.enum(organizationRoles) }),
  resources,
})
