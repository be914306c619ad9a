import { and, desc, eq, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { lockAdditions } from '#db/locks.ts'
import { agents } from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { carrierAccounts } from '#db/schema/carrier-accounts.ts'
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
      workUntil: inSeconds(seconds),
    })
    .where(and(isNumber(organizationId, phoneNumberId), isUnfinished, isFree))
    .returning()
  return row
}

/** Writes what a step achieved and keeps the work for a while; undefined where somebody else has it now. */
export const writeStep = (
  db: Db,
  number: Worked,
  seconds: number,
  change: NumberChange,
): Promise<NumberRow | undefined> =>
  updateWorked(db, number, { workUntil: inSeconds(seconds), ...change })

/** Lets go of the work; undefined where somebody else has it now. */
export const leaveWork = (
  db: Db,
  number: Worked,
  change: NumberChange,
): Promise<NumberRow | undefined> => updateWorked(db, number, { workUntil: null, ...change })

/** The same after a vendor failed, which is left in peace for so long. */
export const leaveWorkFor = (
  db: Db,
  number: Worked,
  seconds: number,
  change: NumberChange,
): Promise<NumberRow | undefined> =>
  updateWorked(db, number, {
    workUntil: null,
    tries: sql`${phoneNumbers.tries} + 1`,
    nextTryAt: inSeconds(seconds),
    ...change,
  })

type Worked = Pick<NumberRow, 'organizationId' | 'id' | 'workEpoch'>

async function updateWorked(
  db: Db,
  number: Worked,
  change: { [K in keyof NumberChange]: NumberChange[K] | SQL },
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
    .where(and(isUnfinished, isFree))
    // Those that fail again and again keep nobody else waiting.
    .orderBy(sql`coalesce(${phoneNumbers.nextTryAt}, ${phoneNumbers.createdAt})`)
    .limit(limit)

/**
 * Numbers in service that nobody compared since, over all organizations, the longest unseen first; those of accounts
 * that Twilio refuses cannot be compared and come last.
 */
export const listUnchecked = (
  db: Db,
  checkedBefore: Date,
  limit: number,
): Promise<{ organizationId: string; phoneNumberId: string }[]> =>
  db
    .select({ organizationId: phoneNumbers.organizationId, phoneNumberId: phoneNumbers.id })
    .from(phoneNumbers)
    .leftJoin(
      carrierAccounts,
      and(
        eq(carrierAccounts.organizationId, phoneNumbers.organizationId),
        eq(carrierAccounts.id, phoneNumbers.carrierAccountId),
      ),
    )
    .where(
      and(
        eq(phoneNumbers.state, 'active'),
        or(isNull(phoneNumbers.checkedAt), sql`${phoneNumbers.checkedAt} < ${checkedBefore}`),
      ),
    )
    .orderBy(
      sql`coalesce(${carrierAccounts.state}, '') = 'refused'`,
      sql`${phoneNumbers.checkedAt} nulls first`,
    )
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

/** Numbers the organization has a claim on; no other claim of its is made until the transaction ends. */
export async function countForClaim(db: Db, organizationId: string): Promise<number> {
  await lockAdditions(db, 'phone-numbers', organizationId)
  return await db.$count(
    phoneNumbers,
    and(eq(phoneNumbers.organizationId, organizationId), isNull(phoneNumbers.releasedAt)),
  )
}

const isNumber = (organizationId: string, phoneNumberId: string) =>
  and(eq(phoneNumbers.organizationId, organizationId), eq(phoneNumbers.id, phoneNumberId))

const inSeconds = (seconds: number): SQL => sql`now() + make_interval(secs => ${seconds})`

/** Nobody works on the number, and no vendor is to be left in peace. */
const isFree = and(
  or(isNull(phoneNumbers.workUntil), sql`${phoneNumbers.workUntil} < now()`),
  or(isNull(phoneNumbers.nextTryAt), sql`${phoneNumbers.nextTryAt} <= now()`),
)

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
