import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
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
  summary: 'Who is signed in, and what they may do where',
  response: me,
})
