import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const auditEntry = z.object({
  id: z.uuid(),
  sequence: z.int(),
  at: instant,
  actorKind: z.string(),
  actorId: z.string().nullable(),
  /** What the actor is called now; null for one who is no member any more, or no person. */
  actorName: z.string().nullable(),
  /** `domain.verb`, as in `members.change-role`. */
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  previousHash: z.string(),
  hash: z.string(),
})

const filters = {
  /** All entries of one action, or of one domain: `members` finds `members.remove`. */
  action: z
    .string()
    .regex(/^[a-z-]+(\.[a-z-]+)?$/)
    .max(80)
    .optional(),
  actorId: z.string().min(1).max(100).optional(),
  /** Entries about one thing. */
  subject: z.string().min(1).max(100).optional(),
  from: instant.optional(),
  to: instant.optional(),
}

export const listAuditEntries = endpoint({
  method: 'GET',
  path: '/v1/audit/entries',
  permission: 'audit.read',
  summary: 'What was done in the organization, newest first, with the hashes that chain it',
  query: pageQuery.extend(filters),
  response: pageOf(auditEntry),
  resources: { actorId: 'user' },
})

export const exportAuditEntries = endpoint({
  method: 'GET',
  path: '/v1/audit/entries.csv',
  permission: 'audit.read',
  summary: 'The same entries as CSV',
  query: z.strictObject(filters),
  response: z.void(),
  bytes: { contentTypes: ['text/csv'] },
  resources: { actorId: 'user' },
})

export const auditVerdict = z.object({
  /** Entries whose hashes were followed. */
  checked: z.int(),
  intact: z.boolean(),
  /** The first entry that does not fit, and why. */
  problem: z.object({ sequence: z.int(), problem: z.string() }).nullable(),
})

export const verifyAudit = endpoint({
  method: 'POST',
  path: '/v1/audit/verify',
  permission: 'audit.read',
  // It reads as much as an export of everything does.
  limit: 'exports',
  summary: 'Follows the chain of hashes from its first entry to its head',
  response: auditVerdict,
})

export const listPlatformAuditEntries = endpoint({
  method: 'GET',
  path: '/v1/platform/audit/entries',
  permission: 'platform.audit.read',
  summary: 'What was done in the platform’s office or, for one organization, what was done there',
  query: pageQuery.extend({ ...filters, organizationId: z.uuid().optional() }),
  response: pageOf(auditEntry),
  resources: { actorId: 'user', organizationId: 'organization' },
})

export const exportPlatformAuditEntries = endpoint({
  method: 'GET',
  path: '/v1/platform/audit/entries.csv',
  permission: 'platform.audit.read',
  summary: 'The same entries as CSV',
  query: z.strictObject({ ...filters, organizationId: z.uuid().optional() }),
  response: z.void(),
  bytes: { contentTypes: ['text/csv'] },
  resources: { actorId: 'user', organizationId: 'organization' },
})

export const verifyPlatformAudit = endpoint({
  method: 'POST',
  path: '/v1/platform/audit/verify',
  permission: 'platform.audit.read',
  limit: 'exports',
  summary: 'Follows the platform’s own chain and every organization’s',
  response: auditVerdict.extend({
    organizations: z.array(
      z.object({ organizationId: z.uuid(), sequence: z.int(), problem: z.string() }),
    ),
  }),
})
