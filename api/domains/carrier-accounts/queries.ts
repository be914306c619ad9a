import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { lockAdditions } from '#db/locks.ts'
import { calls } from '#db/schema/calls.ts'
import { carrierAccounts } from '#db/schema/carrier-accounts.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'

export type AccountRow = typeof carrierAccounts.$inferSelect
export type ListedAccount = { account: AccountRow; phoneNumbers: number }

/** Undefined where the account is connected somewhere: the unique index decides, not a look before. */
export async function insertAccount(
  db: Db,
  account: typeof carrierAccounts.$inferInsert,
): Promise<AccountRow | undefined> {
  const [row] = await db.insert(carrierAccounts).values(account).onConflictDoNothing().returning()
  return row
}

export async function findAccount(
  db: Db,
  organizationId: string,
  id: string,
): Promise<AccountRow | undefined> {
  const [row] = await db.select().from(carrierAccounts).where(isAccount(organizationId, id))
  return row
}

export async function lockAccount(
  db: Db,
  organizationId: string,
  id: string,
): Promise<AccountRow | undefined> {
  const [row] = await db
    .select()
    .from(carrierAccounts)
    .where(isAccount(organizationId, id))
    .for('update')
  return row
}

/** Keeps the account connected until the transaction ends. */
export async function holdAccount(db: Db, organizationId: string, id: string): Promise<boolean> {
  const rows = await db
    .select({ id: carrierAccounts.id })
    .from(carrierAccounts)
    .where(isAccount(organizationId, id))
    .for('share')
  return rows.length > 0
}

/** Whose account this is. Only the platform's role sees other organizations'. */
export async function findBySid(db: Db, twilioAccountSid: string): Promise<AccountRow | undefined> {
  const [row] = await db
    .select()
    .from(carrierAccounts)
    .where(
      and(
        eq(carrierAccounts.twilioAccountSid, twilioAccountSid),
        isNull(carrierAccounts.disconnectedAt),
      ),
    )
  return row
}

export async function updateAccount(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<
    Pick<
      AccountRow,
      'label' | 'authToken' | 'authTokenLastFour' | 'state' | 'verifiedAt' | 'disconnectedAt'
    >
  >,
): Promise<void> {
  await db.update(carrierAccounts).set(change).where(isAccount(organizationId, id))
}

/** Connected ones; no other one is connected until the transaction ends. */
export async function countForAddition(db: Db, organizationId: string): Promise<number> {
  await lockAdditions(db, 'carrier-accounts', organizationId)
  const { organizationId: tenant, disconnectedAt } = carrierAccounts
  return await db.$count(carrierAccounts, and(eq(tenant, organizationId), isNull(disconnectedAt)))
}

export async function findListed(
  db: Db,
  organizationId: string,
  id: string,
): Promise<ListedAccount | undefined> {
  const [row] = await listed(db).where(isAccount(organizationId, id))
  return row
}

export const listAccounts = (
  db: Db,
  organizationId: string,
  { before, limit }: { before: Position | undefined; limit: number },
): Promise<ListedAccount[]> =>
  listed(db)
    .where(
      and(
        eq(carrierAccounts.organizationId, organizationId),
        isNull(carrierAccounts.disconnectedAt),
        before &&
          sql`(${carrierAccounts.createdAt}, ${carrierAccounts.id}) < (${before.at}, ${before.id})`,
      ),
    )
    .orderBy(desc(carrierAccounts.createdAt), desc(carrierAccounts.id))
    .limit(limit)

/** Whether a call runs in the account: without its token nobody could limit or end it. */
export async function hasRunningCalls(db: Db, account: AccountRow): Promise<boolean> {
  const [row] = await db
    .select({ id: calls.id })
    .from(calls)
    .where(
      and(
        eq(calls.organizationId, account.organizationId),
        eq(calls.twilioAccountSid, account.twilioAccountSid),
        isNull(calls.settledAt),
      ),
    )
    .limit(1)
  return row !== undefined
}

const listed = (db: Db) =>
  db
    .select({
      account: carrierAccounts,
      phoneNumbers: sql<number>`(select count(*)::int from ${phoneNumbers} n where n.organization_id = carrier_accounts.organization_id and n.carrier_account_id = carrier_accounts.id and n.released_at is null)`,
    })
    .from(carrierAccounts)

const isAccount = (organizationId: string, id: string) =>
  and(
    eq(carrierAccounts.organizationId, organizationId),
    eq(carrierAccounts.id, id),
    isNull(carrierAccounts.disconnectedAt),
  )
