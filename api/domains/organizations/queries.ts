import { and, desc, eq, lt, or, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { calls } from '#db/schema/calls.ts'
import { memberships } from '#db/schema/members.ts'
import { organizations } from '#db/schema/organizations.ts'
import { usageDays } from '#db/schema/usage.ts'
import { wallets } from '#db/schema/wallet.ts'

const shown = {
  id: organizations.id,
  name: organizations.name,
  timeZone: organizations.timeZone,
  status: organizations.status,
  createdAt: organizations.createdAt,
}
const settings = {
  ...shown,
  announcementEnabled: organizations.announcementEnabled,
  announcementText: organizations.announcementText,
  recordingRetentionDays: organizations.recordingRetentionDays,
  transcriptRetentionDays: organizations.transcriptRetentionDays,
  maxConcurrentCalls: organizations.maxConcurrentCalls,
  allowedCountries: organizations.allowedCountries,
  repSeesAnalysisFirst: organizations.repSeesAnalysisFirst,
  notificationEmails: organizations.notificationEmails,
}
export type OrganizationSettings = NonNullable<Awaited<ReturnType<typeof findSettings>>>
export type OrganizationRow = Pick<OrganizationSettings, keyof typeof shown>
export type Status = OrganizationRow['status']

export async function insertOrganization(
  db: Db,
  organization: { id: string; name: string; timeZone: string },
): Promise<OrganizationRow> {
  const [row] = await db.insert(organizations).values(organization).returning(shown)
  if (!row) throw new Error('an insert returned no row')
  return row
}

export async function findSettings(db: Db, organizationId: string) {
  const [row] = await db
    .select(settings)
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row
}

/** Locked against other changes of it; rows that only refer to it may still come. */
export async function lockSettings(
  db: Db,
  organizationId: string,
): Promise<OrganizationSettings | undefined> {
  const [row] = await db
    .select(settings)
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for('no key update')
  return row
}

export async function updateSettings(
  db: Db,
  organizationId: string,
  changes: Partial<Omit<OrganizationSettings, 'id' | 'status' | 'createdAt'>>,
): Promise<OrganizationSettings> {
  const [row] = await db
    .update(organizations)
    .set(changes)
    .where(eq(organizations.id, organizationId))
    .returning(settings)
  if (!row) throw new Error('a locked organization is gone')
  return row
}

/** What somebody may join, held as it is until the transaction ends: a pause waits for it, or it for the pause. */
export async function holdStatus(
  db: Db,
  organizationId: string,
): Promise<{ name: string; status: Status } | undefined> {
  const [row] = await db
    .select({ name: organizations.name, status: organizations.status })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for('share')
  return row
}

export async function setStatus(
  db: Db,
  organizationId: string,
  next: { status: Status; reason: string | null; at: Date },
): Promise<void> {
  await db
    .update(organizations)
    .set({ status: next.status, statusReason: next.reason, statusChangedAt: next.at })
    .where(eq(organizations.id, organizationId))
}

/** Across tenants: under the platform's role only. */
export const listOrganizations = (
  db: Db,
  page: { limit: number; before: Position | undefined; status: Status | undefined },
): Promise<{ id: string; createdAt: Date }[]> =>
  db
    .select({ id: organizations.id, createdAt: organizations.createdAt })
    .from(organizations)
    .where(
      and(
        page.status && eq(organizations.status, page.status),
        page.before &&
          or(
            lt(organizations.createdAt, page.before.at),
            and(eq(organizations.createdAt, page.before.at), lt(organizations.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(organizations.createdAt), desc(organizations.id))
    .limit(page.limit)

/** One organization from outside, under its own tenant or the platform's role. */
export async function findOfficeSummary(db: Db, organizationId: string, now: Date) {
  const thirtyDays = (column: typeof usageDays.calls | typeof usageDays.billableSeconds) =>
    sql<number>`coalesce((select sum(${column}) from ${usageDays}
      where ${usageDays.organizationId} = ${organizations.id}
        and ${usageDays.day} > ((${now.toISOString()}::timestamptz at time zone ${organizations.timeZone})::date - 30)), 0)::bigint`
  const [row] = await db
    .select({
      ...shown,
      statusReason: organizations.statusReason,
      members: sql<number>`(select count(*)::int from ${memberships}
        where ${memberships.organizationId} = ${organizations.id})`,
      currency: wallets.currency,
      balanceCents: wallets.balanceCents,
      heldCents: wallets.heldCents,
      callsRunning: sql<number>`(select count(*)::int from ${calls}
        where ${calls.organizationId} = ${organizations.id} and ${calls.settledAt} is null)`,
      calls30d: thirtyDays(usageDays.calls),
      billableSeconds30d: thirtyDays(usageDays.billableSeconds),
      chargedCents30d: thirtyDays(usageDays.chargedCents),
    })
    .from(organizations)
    .innerJoin(wallets, eq(wallets.organizationId, organizations.id))
    .where(eq(organizations.id, organizationId))
  return row
}
