import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'

export const organization = z.object({
  id: z.uuid(),
  name: z.string(),
  timeZone: z.string(),
  status: z.enum(['active', 'paused', 'archived']),
  createdAt: instant,
})

export const getOrganization = endpoint({
  method: 'GET',
  path: '/v1/organization',
  permission: 'organization.read',
  summary: "The caller's organization",
  response: organization,
})
