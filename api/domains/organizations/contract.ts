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

/** What members see and admins change. */
export const organizationSettings = organization.extend({
  announcementEnabled: z.boolean(),
  announcementText: z.string(),
  recordingRetentionDays: z.int(),
  transcriptRetentionDays: z.int(),
  maxConcurrentCalls: z.int(),
  allowedCountries: z.array(z.string()),
  repSeesAnalysisFirst: z.boolean(),
  notificationEmails: z.array(z.string()),
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
  response: organizationSettings,
})

export const updateOrganization = endpoint({
  method: 'PATCH',
  path: '/v1/organization',
  permission: 'organization.update',
  summary: 'Changes the settings that are given and leaves the others',
  body: z.strictObject({
    name: z.string().trim().min(1).max(120).optional(),
    timeZone: timeZone.optional(),
    announcementEnabled: z.boolean().optional(),
    announcementText: z.string().trim().min(1).max(500).optional(),
    recordingRetentionDays: z.int().min(1).max(3_650).optional(),
    transcriptRetentionDays: z.int().min(1).max(3_650).optional(),
    allowedCountries: z
      .array(z.string().regex(/^[A-Z]{2}$/, { error: 'must be a country code such as DE' }))
      .max(250)
      .optional(),
    repSeesAnalysisFirst: z.boolean().optional(),
    notificationEmails: z.array(z.email().max(254)).max(10).optional(),
  }),
  response: organizationSettings,
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
const reason = z.string().trim().min(3).max(200)

/** An organization as the platform's office sees it: from outside, with its money and its use. */
export const organizationSummary = organization.extend({
  statusReason: z.string().nullable(),
  members: z.int(),
  currency: z.string(),
  balanceCents: z.int(),
  heldCents: z.int(),
  callsRunning: z.int(),
  /** Of the last 30 days. */
  calls30d: z.int(),
  billableSeconds30d: z.int(),
  chargedCents30d: z.int(),
})

export const listOrganizations = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations',
  permission: 'platform.organizations.read',
  summary: 'All organizations, newest first',
  query: pageQuery.extend({
    status: z.enum(organizationStatuses).optional(),
    /** Part of the name, or an id. */
    search: z.string().trim().min(1).max(120).optional(),
  }),
  response: pageOf(organizationSummary),
})

export const getOrganizationDetail = endpoint({
  method: 'GET',
  path: '/v1/platform/organizations/:organizationId',
  permission: 'platform.organizations.read',
  summary: 'One organization from outside: status, money, use, limits and its admins',
  params,
  response: organizationSummary.extend({
    maxConcurrentCalls: z.int(),
    deficitCents: z.int(),
    /** Null where the organization pays what everybody pays. */
    ownPricePerHourCents: z.int().nullable(),
    pricePerHourCents: z.int(),
    admins: z.array(z.object({ userId: z.uuid(), name: z.string(), email: z.string() })),
  }),
  resources,
})

export const changeLimits = endpoint({
  method: 'PATCH',
  path: '/v1/platform/organizations/:organizationId/limits',
  permission: 'system.write',
  summary: 'How many calls an organization may run at once',
  params,
  body: z.strictObject({
    maxConcurrentCalls: z.int().min(1).max(10_000),
    reason: z.string().trim().min(3).max(200),
  }),
  response: organizationSummary,
  resources,
})

export const pauseOrganization = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/pause',
  permission: 'platform.organizations.manage',
  summary: 'Stops an organization: nothing new starts, running calls end within a slice',
  params,
  body: z.strictObject({ reason }),
  response: organizationSummary,
  resources,
})

export const archiveOrganization = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/archive',
  permission: 'platform.organizations.manage',
  summary: 'Closes an organization: its people get in no more, its records stay',
  params,
  body: z.strictObject({ reason }),
  response: organizationSummary,
  resources,
})

export const resumeOrganization = endpoint({
  method: 'POST',
  path: '/v1/platform/organizations/:organizationId/resume',
  permission: 'platform.organizations.manage',
  summary: 'Lets a paused or archived organization work again',
  params,
  body: z.strictObject({ reason }),
  response: organizationSummary,
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
