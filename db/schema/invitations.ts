import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './access.ts'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

export const invitationStates = ['pending', 'accepted', 'revoked'] as const

/** One person asked to join. Expiry is a moment, not a state: nobody has to write it. */
export const invitations = pgTable.withRLS(
  'invitations',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    /** Lower case, as it is compared with the verified address of whoever accepts. */
    email: text('email').notNull(),
    role: text('role', { enum: ['admin', 'org_manager', 'sales_person'] }).notNull(),
    state: text('state', { enum: invitationStates }).notNull().default('pending'),
    /** SHA-256 of the newest link's token; older links are dead. */
    tokenHash: text('token_hash').notNull(),
    /** Mails sent: each has a token of its own. */
    sends: integer('sends').notNull().default(1),
    invitedByUserId: uuid('invited_by_user_id').references(() => users.id),
    createdAt: moment('created_at').notNull().defaultNow(),
    sentAt: moment('sent_at'),
    /** The mail server refused the address for good. */
    undeliverableAt: moment('undeliverable_at'),
    expiresAt: moment('expires_at').notNull(),
    decidedAt: moment('decided_at'),
    acceptedByUserId: uuid('accepted_by_user_id').references(() => users.id),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // The token alone finds its invitation, before anybody knows the organization.
    uniqueIndex('invitations_one_per_token').on(t.tokenHash),
    uniqueIndex('invitations_one_pending_per_address')
      .on(t.organizationId, t.email)
      .where(sql`state = 'pending'`),
    // What waits for somebody, whichever organization it is from.
    index('invitations_pending_by_address').on(t.email).where(sql`state = 'pending'`),
    index('invitations_newest').on(t.organizationId, t.createdAt, t.id),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('invitations_email_lower_case', sql`${t.email} = lower(${t.email})`),
    check('invitations_role_known', sql`${t.role} in ('admin', 'org_manager', 'sales_person')`),
    check('invitations_state_known', sql`${t.state} in ('pending', 'accepted', 'revoked')`),
    check(
      'invitations_decided_has_moment',
      sql`(${t.state} = 'pending') = (${t.decidedAt} is null)`,
    ),
    ...tenantPolicies('invitations'),
  ],
)
