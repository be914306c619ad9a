import { and, asc, desc, eq, ilike, type SQL, sql } from 'drizzle-orm'
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

/** One organization from outside, under its own tenant or the platform's role. */
export async function findOfficeSummary(db: Db, organizationId: string, now: Date) {
  const [row] = await officeRows(db, eq(organizations.id, organizationId), 1, now)
  return row
}

/** Newest first, across tenants: under the platform's role only. */
export const listOfficeSummaries = (
  db: Db,
  page: {
    limit: number
    before: Position | undefined
    status: Status | undefined
    search: string | undefined
  },
  now: Date,
) => {
  const { before, status, search } = page
  const which = and(
    status && eq(organizations.status, status),
    search === undefined ? undefined : isCalled(search),
    before &&
      sql`(${organizations.createdAt}, ${organizations.id}) < (${before.at.toISOString()}::timestamptz, ${before.id}::uuid)`,
  )
  return officeRows(db, which, page.limit, now)
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const isCalled = (search: string) =>
  UUID.test(search)
    ? eq(organizations.id, search)
    : ilike(organizations.name, `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`)

/** The page is chosen first, so that only its rows are counted and summed. */
function officeRows(db: Db, which: SQL | undefined, limit: number, now: Date) {
  const page = db
    .select({ ...shown, statusReason: organizations.statusReason })
    .from(organizations)
    .where(which)
    .orderBy(desc(organizations.createdAt), desc(organizations.id))
    .limit(limit)
    .as('page')
  const used = db
    .select({
      calls: sum30d(usageDays.calls).as('calls_30d'),
      billableSeconds: sum30d(usageDays.billableSeconds).as('seconds_30d'),
      chargedCents: sum30d(usageDays.chargedCents).as('cents_30d'),
    })
    .from(usageDays)
    .where(
      and(
        eq(usageDays.organizationId, page.id),
        sql`${usageDays.day} > (${now.toISOString()}::timestamptz at time zone ${page.timeZone})::date - 30`,
      ),
    )
    .as('used')
  return db
    .select({
      id: page.id,
      name: page.name,
      timeZone: page.timeZone,
      status: page.status,
      createdAt: page.createdAt,
      statusReason: page.statusReason,
      members: sql<number>`(select count(*)::int from ${memberships} where ${memberships.organizationId} = ${page.id})`,
      currency: wallets.currency,
      balanceCents: wallets.balanceCents,
      heldCents: wallets.heldCents,
      callsRunning: sql<number>`(select count(*)::int from ${calls} where ${calls.organizationId} = ${page.id} and ${calls.settledAt} is null)`,
      calls30d: used.calls,
      billableSeconds30d: used.billableSeconds,
      chargedCents30d: used.chargedCents,
    })
    .from(page)
    .innerJoin(wallets, eq(wallets.organizationId, page.id))
    .leftJoinLateral(used, sql`true`)
    .orderBy(desc(page.createdAt), desc(page.id))
}

const sum30d = (
  column: typeof usageDays.calls | typeof usageDays.billableSeconds | typeof usageDays.chargedCents,
) => sql<number>`coalesce(sum(${column}), 0)::bigint`

/** Platform role: what the office's page of one organization shows beside its summary. */
export async function findOfficeDetail(db: Db, organizationId: string) {
  const [row] = await db
    .select({
      maxConcurrentCalls: organizations.maxConcurrentCalls,
      deficitCents: wallets.deficitCents,
    })
    .from(organizations)
    .innerJoin(wallets, eq(wallets.organizationId, organizations.id))
    .where(eq(organizations.id, organizationId))
  return row
}

export const listOfficeAdmins = (db: Db, organizationId: string, limit: number) =>
  db
    .select({ userId: memberships.userId, name: memberships.name, email: memberships.email })
    .from(memberships)
    .where(and(eq(memberships.organizationId, organizationId), eq(memberships.role, 'admin')))
    .orderBy(asc(memberships.joinedAt), asc(memberships.id))
    .limit(limit)
