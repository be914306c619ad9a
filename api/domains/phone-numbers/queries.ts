import { and, desc, eq, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'

export type NumberRow = typeof phoneNumbers.$inferSelect
export type NewNumber = typeof phoneNumbers.$inferInsert
export type NumberChange = Partial<Omit<NumberRow, 'organizationId' | 'id' | 'e164' | 'createdAt'>>
export type ListedNumber = {
  number: NumberRow
  agentName: string | null
  /** What vendors are told to connect; null where no agent is assigned, or it was never pushed. */
  elevenLabsAgentId: string | null
  callsLast7Days: number
}

/** The number in service, whoever owns it. Only the platform's role sees other organizations'. */
export async function findByE164(db: Db, e164: string): Promise<NumberRow | undefined> {
  const [row] = await db
    .select()
    .from(phoneNumbers)
    .where(and(eq(phoneNumbers.e164, e164), isNull(phoneNumbers.releasedAt)))
  return row
}

/** Undefined where somebody else holds the number: the unique index decides, not a look before. */
export async function insertNumber(db: Db, number: NewNumber): Promise<NumberRow | undefined> {
  const [row] = await db.insert(phoneNumbers).values(number).onConflictDoNothing().returning()
  return row
}

export async function findNumber(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
): Promise<NumberRow | undefined> {
  const [row] = await db.select().from(phoneNumbers).where(isNumber(organizationId, phoneNumberId))
  return row
}

export async function lockNumber(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
): Promise<NumberRow | undefined> {
  const [row] = await db
    .select()
    .from(phoneNumbers)
    .where(isNumber(organizationId, phoneNumberId))
    .for('update')
  return row
}

export async function updateNumber(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
  change: NumberChange,
): Promise<NumberRow | undefined> {
  const [row] = await db
    .update(phoneNumbers)
    .set(change)
    .where(isNumber(organizationId, phoneNumberId))
    .returning()
  return row
}

/** The right to work on a number at the vendors for a while; undefined where there is nothing to do or somebody has it. */
export async function takeWork(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
  seconds: number,
): Promise<NumberRow | undefined> {
  const [row] = await db
    .update(phoneNumbers)
    .set({
      workEpoch: sql`${phoneNumbers.workEpoch} + 1`,
      workUntil: sql`now() + make_interval(secs => ${seconds})`,
    })
    .where(
      and(
        isNumber(organizationId, phoneNumberId),
        isUnfinished,
        or(isNull(phoneNumbers.workUntil), sql`${phoneNumbers.workUntil} < now()`),
      ),
    )
    .returning()
  return row
}

/** Writes what a step achieved; undefined where somebody else works on the number now. */
export async function writeStep(
  db: Db,
  number: Pick<NumberRow, 'organizationId' | 'id' | 'workEpoch'>,
  change: NumberChange,
): Promise<NumberRow | undefined> {
  const [row] = await db
    .update(phoneNumbers)
    .set(change)
    .where(
      and(isNumber(number.organizationId, number.id), eq(phoneNumbers.workEpoch, number.workEpoch)),
    )
    .returning()
  return row
}

/** Numbers whose work nobody does, over all organizations. */
export const listUnfinished = (
  db: Db,
  limit: number,
): Promise<{ organizationId: string; phoneNumberId: string }[]> =>
  db
    .select({ organizationId: phoneNumbers.organizationId, phoneNumberId: phoneNumbers.id })
    .from(phoneNumbers)
    .where(
      and(isUnfinished, or(isNull(phoneNumbers.workUntil), sql`${phoneNumbers.workUntil} < now()`)),
    )
    .orderBy(phoneNumbers.createdAt)
    .limit(limit)

/** Numbers in service that nobody compared since, over all organizations, the longest unseen first. */
export const listUnchecked = (
  db: Db,
  checkedBefore: Date,
  limit: number,
): Promise<{ organizationId: string; phoneNumberId: string }[]> =>
  db
    .select({ organizationId: phoneNumbers.organizationId, phoneNumberId: phoneNumbers.id })
    .from(phoneNumbers)
    .where(
      and(
        eq(phoneNumbers.state, 'active'),
        or(isNull(phoneNumbers.checkedAt), sql`${phoneNumbers.checkedAt} < ${checkedBefore}`),
      ),
    )
    .orderBy(sql`${phoneNumbers.checkedAt} nulls first`)
    .limit(limit)

export async function findListed(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
  since: Date,
): Promise<ListedNumber | undefined> {
  const [row] = await listed(db, since, isNumber(organizationId, phoneNumberId)).limit(1)
  return row
}

export function listNumbers(
  db: Db,
  organizationId: string,
  wanted: {
    before: Position | undefined
    limit: number
    since: Date
    state?: NumberRow['state'] | undefined
    agentId?: string | undefined
    carrierAccountId?: string | undefined
  },
): Promise<ListedNumber[]> {
  const { before, state, agentId, carrierAccountId } = wanted
  const where = and(
    eq(phoneNumbers.organizationId, organizationId),
    state ? eq(phoneNumbers.state, state) : ne(phoneNumbers.state, 'released'),
    agentId ? eq(phoneNumbers.agentId, agentId) : undefined,
    carrierAccountId ? eq(phoneNumbers.carrierAccountId, carrierAccountId) : undefined,
    before && sql`(${phoneNumbers.createdAt}, ${phoneNumbers.id}) < (${before.at}, ${before.id})`,
  )
  return listed(db, wanted.since, where)
    .orderBy(desc(phoneNumbers.createdAt), desc(phoneNumbers.id))
    .limit(wanted.limit)
}

/** Numbers an account holds for this organization. */
export const listE164OfAccount = async (
  db: Db,
  organizationId: string,
  carrierAccountId: string,
): Promise<string[]> => {
  const rows = await db
    .select({ e164: phoneNumbers.e164 })
    .from(phoneNumbers)
    .where(
      and(
        eq(phoneNumbers.organizationId, organizationId),
        eq(phoneNumbers.carrierAccountId, carrierAccountId),
        isNull(phoneNumbers.releasedAt),
      ),
    )
  return rows.map(({ e164 }) => e164)
}

/** Undefined where there is no such agent in service. */
export async function findAgent(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<{ elevenLabsAgentId: string | null } | undefined> {
  const [row] = await db
    .select({ elevenLabsAgentId: agents.elevenLabsAgentId })
    .from(agents)
    .where(
      and(
        eq(agents.organizationId, organizationId),
        eq(agents.id, agentId),
        isNull(agents.archivedAt),
      ),
    )
  return row
}

/** ISO codes an organization's calls may go to; empty for the platform's default. */
export async function listAllowedCountries(db: Db, organizationId: string): Promise<string[]> {
  const [row] = await db
    .select({ allowedCountries: organizations.allowedCountries })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row?.allowedCountries ?? []
}

/** Numbers the organization has a claim on. */
export async function countNumbers(db: Db, organizationId: string): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(phoneNumbers)
    .where(and(eq(phoneNumbers.organizationId, organizationId), isNull(phoneNumbers.releasedAt)))
  return row?.count ?? 0
}

const isNumber = (organizationId: string, phoneNumberId: string) =>
  and(eq(phoneNumbers.organizationId, organizationId), eq(phoneNumbers.id, phoneNumberId))

const isUnfinished = sql`${phoneNumbers.state} in ('importing', 'changing', 'releasing')`

const listed = (db: Db, since: Date, where: SQL | undefined) =>
  db
    .select({
      number: phoneNumbers,
      agentName: agents.name,
      elevenLabsAgentId: agents.elevenLabsAgentId,
      callsLast7Days: sql<number>`(select count(*)::int from ${calls} c where c.organization_id = ${phoneNumbers.organizationId} and c.phone_number_id = ${phoneNumbers.id} and c.created_at >= ${since})`,
    })
    .from(phoneNumbers)
    .leftJoin(
      agents,
      and(
        eq(agents.organizationId, phoneNumbers.organizationId),
        eq(agents.id, phoneNumbers.agentId),
        isNull(agents.archivedAt),
      ),
    )
    .where(where)
