import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { featureFlags } from '#api/contract/features.ts'
import { instant } from '#api/contract/instant.ts'

export const settingVersion = z.object({
  value: z.int(),
  effectiveFrom: instant,
  reason: z.string(),
  /** User id of whoever set it; null for a value that came with the system. */
  actorId: z.string().nullable(),
  createdAt: instant,
})

export const setting = z.object({
  key: z.string(),
  unit: z.string(),
  description: z.string(),
  minimum: z.int(),
  maximum: z.int(),
  default: z.int(),
  /** In force now. */
  value: z.int(),
  /** Newest first, those still to come included. */
  versions: z.array(settingVersion),
})

export const listSettings = endpoint({
  method: 'GET',
  path: '/v1/platform/settings',
  permission: 'system.read',
  summary: 'Every setting of the platform, in force and to come, with who changed it and why',
  response: z.object({ items: z.array(setting) }),
})

export const changeSetting = endpoint({
  method: 'POST',
  path: '/v1/platform/settings/:key',
  permission: 'system.write',
  summary: 'Gives a setting another value from a moment on',
  params: z.strictObject({ key: z.string().max(80) }),
  body: z.strictObject({
    value: z.int(),
    /** Now where absent; never in the past. */
    effectiveFrom: instant.optional(),
    reason: z.string().trim().min(3).max(200),
  }),
  response: setting,
})

export const flag = z.object({
  flag: z.enum(featureFlags),
  enabled: z.boolean(),
  reason: z.string().nullable(),
  actorId: z.string().nullable(),
  changedAt: instant.nullable(),
})

const params = z.strictObject({ organizationId: z.uuid() })
const resources = { organizationId: 'organization' }

export const listOwnFlags = endpoint({
  method: 'GET',
  path: '/v1/feature-flags',
  permission: 'organization.read',
  summary: 'Which features the organization has',
  response: z.object({ items: z.array(flag.pick({ flag: true, enabled: true })) }),
})

export const listFlags = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations/:organizationId/feature-flags',
  permission: 'system.read',
  summary: 'Features of one organization, with who switched them and why',
  params,
  response: z.object({ items: z.array(flag) }),
  resources,
})

export const setFlag = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/feature-flags',
  permission: 'flags.write',
  summary: 'Switches a feature of one organization on or off',
  params,
  body: z.strictObject({
    flag: z.enum(featureFlags),
    enabled: z.boolean(),
    reason: z.string().trim().min(3).max(200),
  }),
  response: flag,
  resources,
})
