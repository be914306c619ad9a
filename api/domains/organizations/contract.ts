import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const organizationStatuses = ['active', 'paused', 'archived'] as const

export const organization = z.object({
  id: z.uuid(),
  name: z.string(),
  timeZone: z.string(),
  status: z.enum(organizationStatuses),
  createdAt: instant,
})

const timeZone = z
  .string()
  .max(60)
  .refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/Berlin' })

export const getOrganization = endpoint({
  method: 'GET',
  path: '/v1/organization',
  permission: 'organization.read',
  summary: "The caller's organization",
  response: organization,
})

export const createOrganization = endpoint({
  method: 'POST',
  path: '/v1/organizations',
  permission: 'signed in',
  summary: 'Founds an organization; the caller becomes its admin',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(120),
    timeZone: timeZone.default('UTC'),
  }),
  response: organization,
})

const params = z.strictObject({ organizationId: z.uuid() })
const resources = { organizationId: 'organization' }

export const listOrganizations = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations',
  permission: 'platform.organizations.read',
  summary: 'All organizations, newest first',
  query: pageQuery.extend({ status: z.enum(organizationStatuses).optional() }),
  response: pageOf(organization),
})

export const pauseOrganization = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/pause',
  permission: 'platform.organizations.manage',
  summary: 'Stops an organization: nothing new starts, running calls end within a slice',
  params,
  body: z.strictObject({ reason: z.string().trim().min(3).max(200) }),
  response: organization,
  resources,
})

export const resumeOrganization = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/resume',
  permission: 'platform.organizations.manage',
  summary: 'Lets a paused organization work again',
  params,
  response: organization,
  resources,
})

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
