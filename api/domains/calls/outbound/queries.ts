import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { calls, outboundCalls, outboundRules } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'
import { featureFlags } from '#db/schema/system.ts'

export type OutboundRow = typeof outboundCalls.$inferSelect
export type RulesRow = typeof outboundRules.$inferSelect
type CallRow = typeof calls.$inferSelect

const isOf = (organizationId: string, callId: string) =>
  and(eq(outboundCalls.organizationId, organizationId), eq(outboundCalls.callId, callId))

export async function insertOutbound(
  db: Db,
  row: typeof outboundCalls.$inferInsert,
): Promise<void> {
  await db.insert(outboundCalls).values(row)
}

export async function findOutbound(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<OutboundRow | undefined> {
  const [row] = await db.select().from(outboundCalls).where(isOf(organizationId, callId))
  return row
}

/** Locks the call and what it has beside: of a row that is not locked, somebody who waited would see what it was before. */
export async function lockOutbound(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<{ call: CallRow; outbound: OutboundRow } | undefined> {
  const [row] = await db
    .select({ call: calls, outbound: outboundCalls })
    .from(calls)
    .innerJoin(
      outboundCalls,
      and(
        eq(outboundCalls.organizationId, calls.organizationId),
        eq(outboundCalls.callId, calls.id),
      ),
    )
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, callId)))
    .for('update', { of: [calls, outboundCalls] })
  return row
}

export async function updateOutbound(
  db: Db,
  organizationId: string,
  callId: string,
  set: Partial<typeof outboundCalls.$inferInsert>,
): Promise<void> {
  await db.update(outboundCalls).set(set).where(isOf(organizationId, callId))
}

/** The carrier's call becomes ours, unless we have another one already. */
export async function adoptTwilioCall(
  db: Db,
  organizationId: string,
  callId: string,
  set: { twilioCallSid: string; streamTokenExpiresAt: SQL },
): Promise<CallRow | undefined> {
  const [row] = await db
    .update(calls)
    .set(set)
    .where(
      and(
        eq(calls.organizationId, organizationId),
        eq(calls.id, callId),
        isNull(calls.twilioCallSid),
        isNull(calls.settledAt),
      ),
    )
    .returning()
  return row
}

/** Which of the carrier's calls belong to a call of the organization already. */
export async function isKnownTwilioCall(
  db: Db,
  organizationId: string,
  twilioCallSid: string,
): Promise<boolean> {
  const [row] = await db
    .select({ id: calls.id })
    .from(calls)
    .where(and(eq(calls.organizationId, organizationId), eq(calls.twilioCallSid, twilioCallSid)))
  return row !== undefined
}

/** The agent and the number a call is asked for with; undefined where the organization has not both. */
export async function findAsked(
  db: Db,
  organizationId: string,
  asked: { agentId: string; phoneNumberId: string },
) {
  const [agent] = await db
    .select({ id: agents.id })
    .from(agents)
    .where(
      and(
        eq(agents.organizationId, organizationId),
        eq(agents.id, asked.agentId),
        isNull(agents.archivedAt),
      ),
    )
  const number = await findNumber(db, organizationId, asked.phoneNumberId)
  return { agent, number }
}

export async function findNumber(db: Db, organizationId: string, phoneNumberId: string) {
  const [row] = await db
    .select({
      id: phoneNumbers.id,
      e164: phoneNumbers.e164,
      twilioAccountSid: phoneNumbers.twilioAccountSid,
    })
    .from(phoneNumbers)
    .where(
      and(
        eq(phoneNumbers.organizationId, organizationId),
        eq(phoneNumbers.id, phoneNumberId),
        isNull(phoneNumbers.releasedAt),
      ),
    )
  return row
}

export type Facts = NonNullable<Awaited<ReturnType<typeof findFacts>>>

/** All that decides whether the organization may place this call now. */
export async function findFacts(
  db: Db,
  organizationId: string,
  asked: {
    phoneNumberId: string | null
    agentId: string | null
    to: string
    /** Left out of the counts: the call that is asked about. */
    callId: string
    dayBegan: Date
  },
) {
  // What was only asked for so far stands in nobody's way: of two that wait, the first to be decided goes.
  const others = sql`c.organization_id = ${organizationId} and c.settled_at is null and c.state <> 'created' and c.id <> ${asked.callId}`
  const isOff = (flag: string) =>
    sql<boolean>`exists (select from ${featureFlags} f where f.organization_id = ${organizationId} and f.flag = ${flag} and not f.enabled)`
  const [row] = await db
    .select({
      organizationStatus: organizations.status,
      organizationLimit: organizations.maxConcurrentCalls,
      allowedCountries: organizations.allowedCountries,
      isAgentCallsOff: isOff('agent_calls'),
      isOutboundOff: isOff('outbound_calls'),
      numberState: phoneNumbers.state,
      numberLimit: phoneNumbers.maxConcurrentCalls,
      fromNumber: phoneNumbers.e164,
      elevenLabsAgentId: agents.elevenLabsAgentId,
      rules: outboundRules,
      running: sql<number>`(select count(*)::int from ${calls} c where ${others})`,
      onNumber: sql<number>`(select count(*)::int from ${calls} c where ${others} and c.phone_number_id = ${asked.phoneNumberId})`,
      toNumber: sql<number>`(select count(*)::int from ${calls} c where ${others} and c.direction = 'outbound' and c.to_number = ${asked.to})`,
      usedSeconds: usedSeconds(organizationId, asked.dayBegan),
    })
    .from(organizations)
    .leftJoin(
      phoneNumbers,
      and(
        eq(phoneNumbers.organizationId, organizations.id),
        sql`${phoneNumbers.id} = ${asked.phoneNumberId}::uuid`,
        isNull(phoneNumbers.releasedAt),
      ),
    )
    .leftJoin(
      agents,
      and(
        eq(agents.organizationId, organizations.id),
        sql`${agents.id} = ${asked.agentId}::uuid`,
        isNull(agents.archivedAt),
      ),
    )
    .leftJoin(outboundRules, eq(outboundRules.organizationId, organizations.id))
    .where(eq(organizations.id, organizationId))
  return row
}

/** A call that runs counts with what it has lasted. */
const usedSeconds = (organizationId: string, dayBegan: Date) => sql<number>`(
  select coalesce(sum(coalesce(c.billable_seconds, extract(epoch from now() - c.live_at), 0)), 0)::int
    from ${calls} c
   where c.organization_id = ${organizationId} and c.direction = 'outbound' and c.created_at >= ${dayBegan})`

export async function findTimeZone(db: Db, organizationId: string): Promise<string | undefined> {
  const [row] = await db
    .select({ timeZone: organizations.timeZone })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row?.timeZone
}

export async function findRules(db: Db, organizationId: string): Promise<RulesRow | undefined> {
  const [row] = await db
    .select()
    .from(outboundRules)
    .where(eq(outboundRules.organizationId, organizationId))
  return row
}

export async function lockRules(db: Db, organizationId: string): Promise<RulesRow | undefined> {
  const [row] = await db
    .select()
    .from(outboundRules)
    .where(eq(outboundRules.organizationId, organizationId))
    .for('update')
  return row
}

export async function storeRules(
  db: Db,
  organizationId: string,
  set: Omit<typeof outboundRules.$inferInsert, 'organizationId'>,
): Promise<RulesRow> {
  const [row] = await db
    .insert(outboundRules)
    .values({ ...set, organizationId })
    .onConflictDoUpdate({ target: outboundRules.organizationId, set })
    .returning()
  if (!row) throw new Error('rules that were stored were not returned')
  return row
}
