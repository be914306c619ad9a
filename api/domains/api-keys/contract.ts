import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'
import { matrix, type Permission, permissions } from '#api/contract/permissions.ts'

/**
 * What a program may be allowed: what an admin may, but for what is a person's own or would let a key make
 * itself more powerful.
 */
export const keyPermissions: readonly Permission[] = permissions.filter(
  (permission) =>
    matrix.admin.includes(permission) &&
    !permission.endsWith('-own') &&
    !['members.update', 'members.remove', 'organization.update', 'wallet.top-up'].includes(
      permission,
    ),
)

export const apiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  lastFour: z.string(),
  permissions: z.array(z.enum(permissions)),
  createdAt: instant,
  expiresAt: instant.nullable(),
  /** To the minute; null for a key that was never used. */
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})

const params = z.strictObject({ apiKeyId: z.uuid() })
const resources = { apiKeyId: 'api-key' }
const forAdmins = {
  permission: 'organization.update',
  peopleOnly: true,
  feature: 'api_keys',
} as const

export const listApiKeys = endpoint({
  ...forAdmins,
  method: 'GET',
  path: '/v1/api-keys',
  summary: 'API keys of the organization, newest first, without their secrets',
  query: pageQuery,
  response: pageOf(apiKey),
})

export const createApiKey = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/api-keys',
  summary: 'Makes an API key; its secret is in this answer and never again',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(80),
    permissions: z
      .array(
        z
          .enum(permissions)
          .refine((p) => keyPermissions.includes(p), { error: 'is not for API keys' }),
      )
      .min(1)
      .max(permissions.length),
    expiresAt: instant.nullable().default(null),
  }),
  response: apiKey.extend({ secret: z.string() }),
})

export const revokeApiKey = endpoint({
  ...forAdmins,
  method: 'POST',
  path: '/v1/api-keys/:apiKeyId/revoke',
  summary: 'Ends a key: its next request is refused',
  params,
  response: apiKey,
  resources,
})
