import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'
import { organizationRoles } from '#api/contract/permissions.ts'

export const member = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(organizationRoles),
  joinedAt: instant,
  /** When the person last asked for something, to the hour. */
  seenAt: instant.nullable(),
})

const params = z.strictObject({ memberId: z.uuid() })
const resources = { memberId: 'member' }

export const listMembers = endpoint({
  method: 'GET',
  path: '/v1/members',
  permission: 'members.read',
  summary: 'The people of the organization, newest first',
  query: pageQuery.extend({
    role: z.enum(organizationRoles).optional(),
    /** Part of a name or address. */
    search: z.string().trim().min(1).max(120).optional(),
  }),
  response: pageOf(member),
})

export const listAdmins = endpoint({
  method: 'GET',
  path: '/v1/organization/admins',
  permission: 'organization.read',
  summary: 'The admins, longest first: whom to ask for what one’s own role does not include',
  response: z.object({ items: z.array(member.pick({ userId: true, name: true, email: true })) }),
})

export const changeRole = endpoint({
  method: 'PATCH',
  path: '/v1/members/:memberId',
  permission: 'members.update',
  summary: 'Gives a member another role; the last admin stays one',
  params,
  body: z.strictObject({ role: z.enum(organizationRoles) }),
  response: member,
  resources,
})

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/v1/members/:memberId',
  permission: 'members.remove',
  summary: 'Takes a member out of the organization; the last admin stays',
  status: 204,
  params,
  response: z.void(),
  resources,
})

export const leaveOrganization = endpoint({
  method: 'DELETE',
  path: '/v1/members/me',
  permission: 'signed in',
  summary: 'Leaves the own organization; the last admin stays',
  status: 204,
  response: z.void(),
})
