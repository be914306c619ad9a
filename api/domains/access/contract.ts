import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { featureFlags } from '#api/contract/features.ts'
import { instant } from '#api/contract/instant.ts'
import { organizationRoles, platformRoles } from '#api/contract/permissions.ts'

export const me = z.object({
  userId: z.uuid(),
  email: z.string(),
  name: z.string(),
  platformRole: z.enum(platformRoles).nullable(),
  /** Null for a person who belongs to no organization yet. */
  membership: z
    .object({
      organizationId: z.uuid(),
      organizationName: z.string(),
      organizationStatus: z.enum(['active', 'paused', 'archived']),
      timeZone: z.string(),
      role: z.enum(organizationRoles),
      /** Features switched off for the organization. */
      featuresOff: z.array(z.enum(featureFlags)),
    })
    .nullable(),
  /** Whether vendors are this machine's stand-ins, with the pages they offer. */
  sandbox: z
    .object({ softphoneUrl: z.string(), inboxUrl: z.string(), eventsUrl: z.string() })
    .nullable(),
})

export const getMe = endpoint({
  method: 'GET',
  path: '/v1/me',
  permission: 'signed in',
  peopleOnly: true,
  summary: 'Who is signed in, and what they may do where',
  response: me,
})

export const platformAdmin = z.object({
  userId: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(platformRoles),
  /** `allow-list` comes from SUPER_ADMIN_EMAILS and is changed there. */
  origin: z.enum(['grant', 'allow-list']),
  grantedByUserId: z.uuid().nullable(),
  grantedAt: instant.nullable(),
})

export const listPlatformAdmins = endpoint({
  method: 'GET',
  path: '/v1/platform/roles',
  permission: 'platform.roles.assign',
  summary: 'Who holds a role of the platform, by grant or by allow-list',
  response: z.object({ items: z.array(platformAdmin) }),
})

export const grantPlatformRole = endpoint({
  method: 'POST',
  path: '/v1/platform/roles',
  permission: 'platform.roles.assign',
  summary: 'Gives a person a role of the platform, by the address they signed up with',
  body: z.strictObject({
    email: z.email().max(254),
    role: z.enum(platformRoles),
    reason: z.string().trim().min(3).max(200),
  }),
  response: platformAdmin,
})

export const revokePlatformRole = endpoint({
  method: 'DELETE',
  path: '/v1/platform/roles/:userId',
  permission: 'platform.roles.assign',
  summary: 'Takes a granted role of the platform away; nobody takes their own',
  status: 204,
  params: z.strictObject({ userId: z.uuid() }),
  response: z.void(),
  resources: { userId: 'user' },
})
