import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { organizations } from './organizations.ts'
import { moment, organizationId, tenantPolicies } from './tenancy.ts'

/** An organization's own Twilio account, beside the platform's that everybody may use. */
export const carrierAccounts = pgTable.withRLS(
  'carrier_accounts',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    twilioAccountSid: text('twilio_account_sid').notNull(),
    label: text('label').notNull().default(''),
    /** The auth token in the secret format; gone when the account is disconnected. */
    authToken: text('auth_token'),
    authTokenLastFour: text('auth_token_last_four').notNull(),
    /** `refused`: Twilio did not take the token any more when it was used last. */
    state: text('state', { enum: ['verified', 'refused'] })
      .notNull()
      .default('verified'),
    verifiedAt: moment('verified_at').notNull().defaultNow(),
    createdAt: moment('created_at').notNull().defaultNow(),
    disconnectedAt: moment('disconnected_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // Twilio's requests name the account before anybody knows the organization, so it has one owner.
    uniqueIndex('carrier_accounts_one_owner')
      .on(t.twilioAccountSid)
      .where(sql`disconnected_at is null`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('carrier_accounts_sid', sql`${t.twilioAccountSid} ~ '^AC[0-9a-fA-F]{32}$'`),
    check('carrier_accounts_state_known', sql`${t.state} in ('verified', 'refused')`),
    check(
      'carrier_accounts_token_while_connected',
      sql`(${t.authToken} is null) = (${t.disconnectedAt} is not null)`,
    ),
    ...tenantPolicies('carrier_accounts'),
  ],
)
