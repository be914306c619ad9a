import {
  and,
  eq,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm'
import { type Db, runNamed } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { callLeases, calls, outboundCalls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'
import { featureFlags } from '#db/schema/system.ts'
import { transcriptTurns } from '#db/schema/transcripts.ts'
import { holds } from '#db/schema/wallet.ts'
import { leaseOfCall } from './lease-queries.ts'

export type CallRow = typeof calls.$inferSelect

type NewCall = typeof calls.$inferInsert

/** So long from now by the database's clock, which is also what tells that a token's time is over (THREATS F24). */
export const inSeconds = (seconds: number): SQL =>
  sql`clock_timestamp() + make_interval(secs => ${seconds})`

type CallChange = Omit<Partial<NewCall>, 'streamTokenExpiresAt'> & { streamTokenExpiresAt?: SQL }

export const isCall = (organizationId: string, callId: string) =>
  and(eq(calls.organizationId, organizationId), eq(calls.id, callId))

export const agentOfCall = and(
  eq(agents.organizationId, calls.organizationId),
  eq(agents.id, calls.agentId),
)

/** Who answers a call: a test is held with the draft's own agent at ElevenLabs. */
const answering = (draft: SQLWrapper, published: SQLWrapper) =>
  sql<string | null>`case when ${calls.kind} = 'test' then ${draft} else ${published} end`

const answeringAgentId = answering(agents.elevenLabsDraftAgentId, agents.elevenLabsAgentId)

/** Admissions of one organization wait for each other, so a count and the insert after it agree. */
export async function lockAdmissions(db: Db, organizationId: string): Promise<void> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtext('calls.admission'), hashtext(${organizationId}))`,
  )
}

export async function findAdmissionFacts(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
  caller: { number: string; since: Date },
) {
  const running = sql<number>`(select count(*)::int from ${calls} c where c.organization_id = ${organizationId} and c.settled_at is null)`
  const onNumber = sql<number>`(select count(*)::int from ${calls} c where c.organization_id = ${organizationId} and c.phone_number_id = ${phoneNumberId} and c.settled_at is null)`
  const byCaller = sql<number>`(select count(*)::int from ${calls} c where c.organization_id = ${organizationId} and c.from_number = ${caller.number} and c.created_at > ${caller.since})`
  const isAgentCallsOff = sql<boolean>`exists (select from ${featureFlags} f where f.organization_id = ${organizationId} and f.flag = 'agent_calls' and not f.enabled)`
  const [row] = await db
    .select({
      organizationStatus: organizations.status,
      isAgentCallsOff,
      organizationLimit: organizations.maxConcurrentCalls,
      numberLimit: phoneNumbers.maxConcurrentCalls,
      agentId: agents.id,
      elevenLabsAgentId: agents.elevenLabsAgentId,
      voiceId: agents.voiceId,
      organizationName: organizations.name,
      language: agents.language,
      announcementEnabled: organizations.announcementEnabled,
      announcementText: organizations.announcementText,
      running,
      onNumber,
      byCaller,
    })
    .from(organizations)
    .innerJoin(
      phoneNumbers,
      and(
        eq(phoneNumbers.organizationId, organizations.id),
        eq(phoneNumbers.id, phoneNumberId),
        isNull(phoneNumbers.releasedAt),
      ),
    )
    .leftJoin(
      agents,
      and(
        eq(agents.organizationId, phoneNumbers.organizationId),
        eq(agents.id, phoneNumbers.agentId),
        isNull(agents.archivedAt),
      ),
    )
    .where(eq(organizations.id, organizationId))
  return row
}

/** One of the platform's lines for the call; false where `limit` calls hold one already. */
export async function takeSlot(db: Db, callId: string, limit: number): Promise<boolean> {
  const text = 'select take_call_slot($1, $2) as taken'
  const [row] = await runNamed<{ taken: boolean }>(db, 'calls-take-slot', text, [callId, limit])
  return row?.taken ?? false
}

export async function insertCall(db: Db, call: NewCall): Promise<CallRow | undefined> {
  const [row] = await db.insert(calls).values(call).onConflictDoNothing().returning()
  return row
}

export async function findCall(db: Db, organizationId: string, callId: string) {
  const [row] = await db.select().from(calls).where(isCall(organizationId, callId))
  return row
}

export async function lockCall(db: Db, organizationId: string, callId: string) {
  const [row] = await db.select().from(calls).where(isCall(organizationId, callId)).for('update')
  return row
}

/** Platform role: which tenant a carrier's call belongs to. */
export async function findCallByTwilioSid(db: Db, twilioCallSid: string) {
  const [row] = await db.select().from(calls).where(eq(calls.twilioCallSid, twilioCallSid))
  return row
}

/** Platform role: which tenant a conversation belongs to. */
export async function findCallByConversation(db: Db, conversationId: string) {
  const [row] = await db
    .select({
      id: calls.id,
      organizationId: calls.organizationId,
      elevenLabsAgentId: answeringAgentId,
    })
    .from(calls)
    .leftJoin(agents, agentOfCall)
    .where(eq(calls.elevenLabsConversationId, conversationId))
  return row
}

/** Platform role: by whose agent at ElevenLabs a call was answered. */
export async function findAgentOfCall(db: Db, callId: string): Promise<string | undefined> {
  const [row] = await db
    .select({ elevenLabsAgentId: answeringAgentId })
    .from(calls)
    .innerJoin(agents, agentOfCall)
    .where(eq(calls.id, callId))
  return row?.elevenLabsAgentId ?? undefined
}

export async function updateCall(
  db: Db,
  organizationId: string,
  callId: string,
  set: CallChange,
): Promise<CallRow | undefined> {
  const [row] = await db.update(calls).set(set).where(isCall(organizationId, callId)).returning()
  return row
}

/** The token is spent in the statement that checks it, so two sockets cannot both have it. */
export async function spendStreamToken(
  db: Db,
  organizationId: string,
  callId: string,
  given: { tokenHash: string; twilioCallSid: string | null; signedBy?: string | undefined },
): Promise<CallRow | undefined> {
  const [row] = await db
    .update(calls)
    .set({ streamTokenUsedAt: sql`now()` })
    .where(
      and(
        eq(calls.organizationId, organizationId),
        eq(calls.id, callId),
        eq(calls.streamTokenHash, given.tokenHash),
        // A call that has none came from no carrier, and none of a carrier's comes without.
        given.twilioCallSid === null
          ? and(eq(calls.kind, 'test'), isNull(calls.twilioCallSid))
          : eq(calls.twilioCallSid, given.twilioCallSid),
        given.signedBy === undefined ? undefined : eq(calls.twilioAccountSid, given.signedBy),
        isNull(calls.streamTokenUsedAt),
        gte(calls.streamTokenExpiresAt, sql`now()`),
        inArray(calls.state, ['authorized', 'ringing', 'live']),
      ),
    )
    .returning()
  return row
}

/** How long a call's media is waited for: as long as its token is good. */
const awaitedUntil = sql`coalesce(${calls.streamTokenExpiresAt}, ${calls.createdAt} + interval '60 seconds')`

/** Platform role: calls whose owner fell silent, and calls whose media did not come while it was waited for. */
export async function listAbandonedCalls(
  db: Db,
  limits: { awaitedUntilBefore: Date; atMost: number },
) {
  return await db
    .select({
      organizationId: calls.organizationId,
      callId: calls.id,
      epoch: callLeases.epoch,
      mediaSeconds: callLeases.mediaSeconds,
      twilioCallSid: calls.twilioCallSid,
      twilioAccountSid: calls.twilioAccountSid,
    })
    .from(calls)
    .leftJoin(callLeases, leaseOfCall)
    .where(
      and(
        isNull(calls.settledAt),
        or(
          // What ElevenLabs carries goes on without an owner of ours; it is metered elsewhere.
          and(
            eq(calls.route, 'gateway'),
            isNull(callLeases.closedAt),
            lt(callLeases.expiresAt, sql`now()`),
          ),
          and(isNull(callLeases.callId), lt(awaitedUntil, limits.awaitedUntilBefore)),
        ),
      ),
    )
    .orderBy(calls.createdAt)
    .limit(limits.atMost)
}

/** Platform role; the states of what is not settled yet. */
export async function countCallsByState(db: Db): Promise<{ state: string; count: number }[]> {
  return await db
    .select({ state: calls.state, count: sql<number>`count(*)::int` })
    .from(calls)
    .where(isNull(calls.settledAt))
    .groupBy(calls.state)
}

/** Platform role. */
export async function countRunningCalls(db: Db): Promise<number> {
  const [row] = await db
    .select({ running: sql<number>`count(*)::int` })
    .from(calls)
    .where(isNull(calls.settledAt))
  return row?.running ?? 0
}

/** Platform role: settled calls whose conversation ElevenLabs has not confirmed yet. */
export async function listUnreconciledCalls(
  db: Db,
  window: { settledAfter: Date; settledBefore: Date; atMost: number },
) {
  return await db
    .select({ organizationId: calls.organizationId, callId: calls.id })
    .from(calls)
    .where(
      and(
        isNull(calls.reconciledAt),
        sql`${calls.elevenLabsConversationId} is not null`,
        gte(calls.settledAt, window.settledAfter),
        lte(calls.settledAt, window.settledBefore),
      ),
    )
    .orderBy(calls.settledAt)
    .limit(window.atMost)
}

/** What a gateway needs to run the call. */
export async function findCallToRun(db: Db, organizationId: string, callId: string) {
  const [row] = await db
    .select({
      call: calls,
      agentName: agents.name,
      elevenLabsAgentId: answeringAgentId,
      voiceId: answering(sql`${agents.draft} ->> 'voiceId'`, agents.voiceId),
      prompt: answering(sql`${agents.draft} ->> 'prompt'`, agents.prompt),
      maxSeconds: sql<
        number | null
      >`case when ${calls.kind} = 'test' then (${agents.draft} ->> 'maxDurationSeconds')::int else ${agents.maxDurationSeconds} end`,
      language: agents.language,
      variables: outboundCalls.variables,
      organizationName: organizations.name,
      organizationStatus: organizations.status,
      announcementEnabled: organizations.announcementEnabled,
      announcementText: organizations.announcementText,
      lastSeq: sql<number>`coalesce((select max(t.seq) from ${transcriptTurns} t where t.organization_id = ${organizationId} and t.call_id = ${callId}), -1)::int`,
      mediaSecondsBefore: sql<number>`coalesce(${callLeases.mediaSeconds}, 0)::int`,
      sinceLiveMs: sql<number>`coalesce(extract(epoch from clock_timestamp() - ${calls.liveAt}) * 1000, 0)::int`,
      fundedSeconds: holds.fundedSeconds,
      slice: holds.slices,
    })
    .from(calls)
    .innerJoin(organizations, eq(organizations.id, calls.organizationId))
    .leftJoin(agents, agentOfCall)
    .leftJoin(
      outboundCalls,
      and(
        eq(outboundCalls.organizationId, calls.organizationId),
        eq(outboundCalls.callId, calls.id),
      ),
    )
    .leftJoin(callLeases, leaseOfCall)
    .leftJoin(
      holds,
      and(
        eq(holds.organizationId, calls.organizationId),
        eq(holds.callId, calls.id),
        eq(holds.state, 'open'),
      ),
    )
    .where(isCall(organizationId, callId))
  return row
}
