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
  /** `domain.verb`, as in `members.change-role`. */
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  previousHash: z.string(),
  hash: z.string(),
})

export const listAuditEntries = endpoint({
  method: 'GET',
  path: '/v1/audit/entries',
  permission: 'audit.read',
  summary: 'What was done in the organization, newest first, with the hashes that chain it',
  query: pageQuery.extend({
    /** All entries of one action, or of one domain: `members` finds `members.remove`. */
    action: z
      .string()
      .regex(/^[a-z-]+(\.[a-z-]+)?$/)
      .max(80)
      .optional(),
    actorId: z.string().min(1).max(100).optional(),
  }),
  response: pageOf(auditEntry),
  resources: { actorId: 'user' },
})
