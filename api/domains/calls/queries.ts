import {
  and,
  desc,
  eq,
  getColumns,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  not,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm'
import { type AnyPgColumn, alias } from 'drizzle-orm/pg-core'
import { type Db, runNamed } from '#db/client.ts'
import { keptFor } from '#db/kept.ts'
import { agents } from '#db/schema/agents.ts'
import { callEvents, callLeases, calls, outboundCalls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'
import { recordings } from '#db/schema/recordings.ts'
import { featureFlags } from '#db/schema/system.ts'
import { transcriptTurns } from '#db/schema/transcripts.ts'
import { holds } from '#db/schema/wallet.ts'

export type CallRow = typeof calls.$inferSelect
export type LeaseRow = typeof callLeases.$inferSelect
type NewCall = typeof calls.$inferInsert

const isCall = (organizationId: string, callId: string) =>
  and(eq(calls.organizationId, organizationId), eq(calls.id, callId))
const isLeaseOf = (organizationId: string, callId: string) =>
  and(eq(callLeases.organizationId, organizationId), eq(callLeases.callId, callId))

const agentOfCall = and(
  eq(agents.organizationId, calls.organizationId),
  eq(agents.id, calls.agentId),
)
/** Who answers a call: a test is held with the draft's own agent at ElevenLabs. */
const answering = (draft: SQLWrapper, published: SQLWrapper) =>
  sql<string | null>`case when ${calls.kind} = 'test' then ${draft} else ${published} end`
const answeringAgentId = answering(agents.elevenLabsDraftAgentId, agents.elevenLabsAgentId)
const leaseOfCall = and(
  eq(callLeases.organizationId, calls.organizationId),
  eq(callLeases.callId, calls.id),
)
const recordingOfCall = and(
  eq(recordings.organizationId, calls.organizationId),
  eq(recordings.callId, calls.id),
  isNull(recordings.deletedAt),
)

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
  set: Partial<NewCall>,
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

/** Takes the call for this owner and fences whoever had it: the epoch only grows. */
export async function takeLease(
  db: Db,
  lease: {
    organizationId: string
    callId: string
    owner: string
    address: string
    seconds: number
  },
): Promise<LeaseRow> {
  const [row] = await db
    .insert(callLeases)
    .values({
      organizationId: lease.organizationId,
      callId: lease.callId,
      owner: lease.owner,
      address: lease.address,
      heartbeatAt: sql`now()`,
      expiresAt: sql`now() + make_interval(secs => ${lease.seconds})`,
    })
    .onConflictDoUpdate({
      target: [callLeases.organizationId, callLeases.callId],
      set: {
        epoch: sql`${callLeases.epoch} + 1`,
        owner: lease.owner,
        address: lease.address,
        heartbeatAt: sql`now()`,
        expiresAt: sql`now() + make_interval(secs => ${lease.seconds})`,
        closedAt: null,
      },
    })
    .returning()
  return row!
}

/** Takes an expired lease from its silent owner; undefined where the owner has spoken or somebody was faster. */
export async function takeOverLease(
  db: Db,
  organizationId: string,
  callId: string,
  seconds: number,
  owner = 'sweep',
): Promise<LeaseRow | undefined> {
  const [row] = await db
    .update(callLeases)
    .set({
      epoch: sql`${callLeases.epoch} + 1`,
      owner,
      expiresAt: sql`now() + make_interval(secs => ${seconds})`,
    })
    .where(
      and(
        eq(callLeases.organizationId, organizationId),
        eq(callLeases.callId, callId),
        isNull(callLeases.closedAt),
        lt(callLeases.expiresAt, sql`now()`),
      ),
    )
    .returning()
  return row
}

/** Renews many leases of one owner at once; what does not come back is not the owner's any more. */
export async function renewLeases(
  db: Db,
  organizationId: string,
  held: readonly { callId: string; epoch: number; mediaSeconds: number }[],
  seconds: number,
): Promise<{ callId: string; isEndAsked: boolean }[]> {
  // Locked in order, as everybody does who takes several: two at once wait, and neither is sent away.
  const { rows } = await db.execute<{ call_id: string; is_end_asked: boolean }>(sql`
    with h as (
      select * from unnest(
        ${sql.param(held.map((h) => h.callId))}::uuid[],
        ${sql.param(held.map((h) => h.epoch))}::int[],
        ${sql.param(held.map((h) => h.mediaSeconds))}::int[]
      ) as h(call_id, epoch, media_seconds)
    ),
    locked as (
      select l.call_id from call_leases l
      where l.organization_id = ${organizationId} and l.call_id in (select call_id from h)
      order by l.call_id for update
    )
    update call_leases l
    set heartbeat_at = now(), expires_at = now() + make_interval(secs => ${seconds}),
        media_seconds = greatest(l.media_seconds, h.media_seconds)
    from h join locked using (call_id)
    where l.organization_id = ${organizationId} and l.call_id = h.call_id
      and l.epoch = h.epoch and l.closed_at is null
    returning l.call_id, l.end_asked_at is not null as is_end_asked`)
  return rows.map((row) => ({ callId: row.call_id, isEndAsked: row.is_end_asked }))
}

/** Locks the lease and returns it only where this epoch still owns it. */
export async function holdLease(
  db: Db,
  organizationId: string,
  callId: string,
  epoch: number,
): Promise<LeaseRow | undefined> {
  const [row] = await db
    .select()
    .from(callLeases)
    .where(
      and(
        isLeaseOf(organizationId, callId),
        eq(callLeases.epoch, epoch),
        isNull(callLeases.closedAt),
      ),
    )
    .for('update')
  return row
}

export async function findLease(db: Db, organizationId: string, callId: string) {
  const [row] = await db.select().from(callLeases).where(isLeaseOf(organizationId, callId))
  return row
}

/** Whoever runs the call is told at its next heartbeat that it should end. */
export async function askForEnd(db: Db, organizationId: string, callId: string): Promise<void> {
  await db
    .update(callLeases)
    .set({ endAskedAt: sql`now()` })
    .where(isLeaseOf(organizationId, callId))
}

/** Ends ownership for good: later writers find a higher epoch and a closed lease. */
export async function closeLease(db: Db, organizationId: string, callId: string) {
  await db
    .update(callLeases)
    .set({ epoch: sql`${callLeases.epoch} + 1`, closedAt: sql`now()` })
    .where(isLeaseOf(organizationId, callId))
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

/** Platform role: running calls that ElevenLabs carries and nobody has looked at for a lease's length. */
export async function listCarriedCallsDue(db: Db, atMost: number) {
  return await db
    .select({
      organizationId: calls.organizationId,
      callId: calls.id,
      twilioCallSid: calls.twilioCallSid,
      twilioAccountSid: calls.twilioAccountSid,
    })
    .from(calls)
    .innerJoin(callLeases, leaseOfCall)
    .where(
      and(
        isNull(calls.settledAt),
        ne(calls.route, 'gateway'),
        isNull(callLeases.closedAt),
        lt(callLeases.expiresAt, sql`now()`),
      ),
    )
    .orderBy(callLeases.expiresAt)
    .limit(atMost)
}

/** Platform role: agents at ElevenLabs that answer imported numbers. */
export async function listNativeAgents(db: Db): Promise<string[]> {
  const rows = await db
    .selectDistinct({ elevenLabsAgentId: agents.elevenLabsAgentId })
    .from(phoneNumbers)
    .innerJoin(
      agents,
      and(
        eq(agents.organizationId, phoneNumbers.organizationId),
        eq(agents.id, phoneNumbers.agentId),
      ),
    )
    .where(and(eq(phoneNumbers.route, 'native'), isNull(phoneNumbers.releasedAt)))
  return rows.flatMap(({ elevenLabsAgentId }) => (elevenLabsAgentId ? [elevenLabsAgentId] : []))
}

/** Platform role: which of these conversations are calls already. */
export async function listKnownConversations(
  db: Db,
  conversationIds: readonly string[],
): Promise<Set<string>> {
  if (conversationIds.length === 0) return new Set()
  const rows = await db
    .select({ id: calls.elevenLabsConversationId })
    .from(calls)
    .where(inArray(calls.elevenLabsConversationId, [...conversationIds]))
  return new Set(rows.flatMap(({ id }) => (id ? [id] : [])))
}

export async function findElevenLabsAgent(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<string | null | undefined> {
  const [row] = await db
    .select({ elevenLabsAgentId: agents.elevenLabsAgentId })
    .from(agents)
    .where(and(eq(agents.organizationId, organizationId), eq(agents.id, agentId)))
  return row?.elevenLabsAgentId
}

/** What the agent of a call says first. */
export async function findFirstMessage(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<string | undefined> {
  const [row] = await db
    .select({ firstMessage: agents.firstMessage })
    .from(calls)
    .innerJoin(agents, agentOfCall)
    .where(isCall(organizationId, callId))
  return row?.firstMessage
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

/** Only the notes of calls whose epoch still owns them; the leases are held until the transaction ends. */
export async function insertOwnedCallEvents(
  db: Db,
  organizationId: string,
  noted: readonly {
    callId: string
    epoch: number
    notes: readonly { id: string; kind: string; at: Date; data: Record<string, unknown> }[]
  }[],
): Promise<void> {
  const notes = noted.flatMap(({ callId, epoch, notes }) =>
    notes.map(({ id, kind, at, data }) => ({ id, call_id: callId, epoch, at, kind, data })),
  )
  await db.execute(sql`
    with held as (
      select call_id, epoch from call_leases
      where organization_id = ${organizationId} and closed_at is null
        and call_id = any(${sql.param(noted.map(({ callId }) => callId))}::uuid[])
      order by call_id for share
    )
    insert into call_events (organization_id, id, call_id, at, kind, data)
    select ${organizationId}, n.id, n.call_id, n.at, n.kind, n.data
    from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb)
      as n(id uuid, call_id uuid, epoch int, at timestamptz, kind text, data jsonb)
    join held on held.call_id = n.call_id and held.epoch = n.epoch`)
}

export async function insertCallEvents(
  db: Db,
  rows: readonly (typeof callEvents.$inferInsert)[],
): Promise<void> {
  if (rows.length === 0) return
  await db.insert(callEvents).values([...rows])
}

export async function listCallEvents(
  db: Db,
  organizationId: string,
  callId: string,
  page: { after?: { at: Date; id: string }; limit: number },
) {
  return await db
    .select()
    .from(callEvents)
    .where(
      and(
        eq(callEvents.organizationId, organizationId),
        eq(callEvents.callId, callId),
        page.after &&
          sql`(${callEvents.at}, ${callEvents.id}) > (${page.after.at}, ${page.after.id}::uuid)`,
      ),
    )
    .orderBy(callEvents.at, callEvents.id)
    .limit(page.limit)
}

const summaryColumns = {
  call: calls,
  agentName: agents.name,
  recordingId: recordings.id,
  recordingDurationMs: recordings.durationMs,
  recordingSizeBytes: recordings.sizeBytes,
  recordingSha256: recordings.sha256,
  recordingStoredAt: recordings.storedAt,
}

// A row of the list carries what it shows and no more: a page is read on every visit.
const listColumns = {
  call: {
    id: calls.id,
    kind: calls.kind,
    direction: calls.direction,
    state: calls.state,
    reason: calls.reason,
    fromNumber: calls.fromNumber,
    toNumber: calls.toNumber,
    createdAt: calls.createdAt,
    liveAt: calls.liveAt,
    endedAt: calls.endedAt,
    billableSeconds: calls.billableSeconds,
    costCents: calls.costCents,
  },
  agentName: agents.name,
  recordingId: recordings.id,
}

export type ListedCall = Awaited<ReturnType<typeof listCalls>>[number]

/** Whose calls a reader may see: one person's, or everybody's of the organization. */
export type CallScope = { userId: string } | 'organization'

export type CallFilter = {
  scope: CallScope
  states?: readonly CallRow['state'][]
  kind?: CallRow['kind']
  direction?: CallRow['direction']
  from?: Date
  to?: Date
  number?: string
  text?: string
  before?: { createdAt: Date; id: string }
  /** How far back a page looks at most. */
  notBefore?: { at: Date; id: string }
  limit: number
}

const within = (scope: CallScope): SQL | undefined =>
  scope === 'organization' ? undefined : eq(calls.userId, scope.userId)

export async function listCalls(db: Db, organizationId: string, filter: CallFilter) {
  if (isUnfiltered(filter)) return await newestCalls(db, organizationId, filter)
  const { text, number, limit } = filter
  if (number !== undefined && text === undefined)
    return await callsWithNumber(db, organizationId, { ...filter, number })
  const newest = [desc(calls.createdAt), desc(calls.id)]
  const which = chosen(organizationId, filter)
  const rows = db
    .select(listColumns)
    .from(calls)
    .leftJoin(agents, agentOfCall)
    .leftJoin(recordings, recordingOfCall)
  if (text !== undefined)
    // Laterally, so that the turns of one call are read at a time: the planner would else read all there are.
    return await rows
      .innerJoinLateral(turnWith(db, text), sql`true`)
      .where(which)
      .orderBy(...newest)
      .limit(limit)

  return await rows
    .where(which)
    .orderBy(...newest)
    .limit(limit)
}

/**
 * Part of a number is looked for in the index of the newest calls, which holds the numbers: a call itself is read only
 * where it was found there. Laterally, as the planner would else read all calls of the organization.
 */
async function callsWithNumber(
  db: Db,
  organizationId: string,
  { number, ...filter }: CallFilter & { number: string },
) {
  const indexed = alias(calls, 'indexed')
  const { call, agentName, recordingId } = listColumns
  const found = db
    .select({
      ...call,
      agentName: sql<string | null>`${agentName}`.as('agent_name'),
      recordingId: sql<string | null>`${recordingId}`.as('recording_id'),
    })
    .from(calls)
    .leftJoin(agents, agentOfCall)
    .leftJoin(recordings, recordingOfCall)
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, indexed.id), ofSort(filter)))
    .limit(1)
    .as('found')
  const { agentName: nameOfAgent, recordingId: idOfRecording, ...columns } = getColumns(found)
  return await db
    .select({ call: columns, agentName: nameOfAgent, recordingId: idOfRecording })
    .from(indexed)
    .innerJoinLateral(found, sql`true`)
    .where(and(inTime(indexed, organizationId, filter), withNumber(indexed, number)))
    .orderBy(desc(indexed.createdAt), desc(indexed.id))
    .limit(filter.limit)
}

/** What everybody asks, without a filter: built, parsed and planned once. */
async function newestCalls(db: Db, organizationId: string, { scope, before, limit }: CallFilter) {
  const userId = scope === 'organization' ? undefined : scope.userId
  const pages = newestPages[userId ? 'own' : 'all']
  return await keptFor(db, before ? pages.after : pages.first).execute({
    organizationId,
    userId,
    createdAt: before?.createdAt,
    id: before?.id,
    limit,
  })
}

const isUnfiltered = ({ scope: _, before: __, limit: ___, ...others }: CallFilter): boolean =>
  Object.values(others).every((value) => value === undefined)

const newestPage = (whose: 'all' | 'own', page: 'first' | 'after') => (db: Db) => {
  const { placeholder } = sql
  const which = and(
    eq(calls.organizationId, placeholder('organizationId')),
    whose === 'own' ? eq(calls.userId, placeholder('userId')) : undefined,
    page === 'after'
      ? sql`(${calls.createdAt}, ${calls.id}) < (${placeholder('createdAt')}::timestamptz, ${placeholder('id')}::uuid)`
      : undefined,
  )
  return db
    .select(listColumns)
    .from(calls)
    .leftJoin(agents, agentOfCall)
    .leftJoin(recordings, recordingOfCall)
    .where(which)
    .orderBy(desc(calls.createdAt), desc(calls.id))
    .limit(placeholder('limit'))
    .prepare(`calls.newest-${whose}-${page}`)
}
const newestPages = {
  all: { first: newestPage('all', 'first'), after: newestPage('all', 'after') },
  own: { first: newestPage('own', 'first'), after: newestPage('own', 'after') },
}

/** One turn of the call that holds all the words; what was said lies where the call's own moment is. */
const turnWith = (db: Db, text: string) =>
  db
    .select({ found: sql`1`.as('found') })
    .from(transcriptTurns)
    .where(
      and(
        eq(transcriptTurns.organizationId, calls.organizationId),
        eq(transcriptTurns.callId, calls.id),
        eq(transcriptTurns.at, calls.createdAt),
        sql`to_tsvector('simple', ${transcriptTurns.text}) @@ plainto_tsquery('simple', ${text})`,
      ),
    )
    .limit(1)
    .as('spoken')

/** The last of the newest `count` calls that the filter chooses, whatever was said in them. */
export async function findNthCall(
  db: Db,
  organizationId: string,
  filter: Omit<CallFilter, 'text' | 'limit' | 'notBefore'>,
  count: number,
): Promise<{ at: Date; id: string } | undefined> {
  const [row] = await db
    .select({ at: calls.createdAt, id: calls.id })
    .from(calls)
    .where(chosen(organizationId, filter))
    .orderBy(desc(calls.createdAt), desc(calls.id))
    .offset(count - 1)
    .limit(1)
  return row
}

type Choice = Omit<CallFilter, 'text' | 'limit'>
type CallsTable = Record<
  'organizationId' | 'id' | 'createdAt' | 'fromNumber' | 'toNumber',
  AnyPgColumn
>

const chosen = (organizationId: string, filter: Choice): SQL | undefined =>
  and(inTime(calls, organizationId, filter), ofSort(filter))

function inTime(
  table: CallsTable,
  organizationId: string,
  { from, to, before, notBefore }: Choice,
): SQL | undefined {
  const place = sql`(${table.createdAt}, ${table.id})`
  return and(
    eq(table.organizationId, organizationId),
    from && gte(table.createdAt, from),
    to && lt(table.createdAt, to),
    before && sql`${place} < (${before.createdAt}, ${before.id}::uuid)`,
    notBefore && sql`${place} >= (${notBefore.at}, ${notBefore.id}::uuid)`,
  )
}

const ofSort = ({ scope, states, kind, direction, number }: Choice): SQL | undefined =>
  and(
    within(scope),
    states && or(...states.map(standsAt)),
    kind && eq(calls.kind, kind),
    direction && eq(calls.direction, direction),
    number === undefined ? undefined : withNumber(calls, number),
  )

const withNumber = (table: CallsTable, part: string): SQL | undefined =>
  or(
    sql`position(${part} in ${table.fromNumber}) > 0`,
    sql`position(${part} in ${table.toNumber}) > 0`,
  )

/**
 * Whether a call counts as one of a state. A call that never began is settled as well; that it was refused (its
 * reason is a refusal's code, `domain.reason`) or failed is what it counts as.
 */
function standsAt(state: CallRow['state']): SQL | undefined {
  const neverBegan = and(eq(calls.state, 'settled'), isNull(calls.liveAt))
  const wasRefused = sql`position('.' in ${calls.reason}) > 0`
  switch (state) {
    case 'settled':
      return and(eq(calls.state, 'settled'), isNotNull(calls.liveAt))
    case 'refused':
      return or(eq(calls.state, 'refused'), and(neverBegan, wasRefused))
    case 'failed':
      return or(eq(calls.state, 'failed'), and(neverBegan, not(wasRefused)))
    default:
      // Only a settled call has that moment, and of the others there are few: an index knows them.
      return and(eq(calls.state, state), isNull(calls.settledAt))
  }
}

export async function findCallWithNames(
  db: Db,
  organizationId: string,
  callId: string,
  scope: CallScope,
) {
  const [row] = await db
    .select(summaryColumns)
    .from(calls)
    .leftJoin(agents, agentOfCall)
    .leftJoin(recordings, recordingOfCall)
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, callId), within(scope)))
  return row
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

export async function hasCallEvent(
  db: Db,
  organizationId: string,
  callId: string,
  kind: string,
): Promise<boolean> {
  const [row] = await db
    .select({ id: callEvents.id })
    .from(callEvents)
    .where(
      and(
        eq(callEvents.organizationId, organizationId),
        eq(callEvents.callId, callId),
        eq(callEvents.kind, kind),
      ),
    )
    .limit(1)
  return row !== undefined
}

export type CallFinding = { organizationId: string; callId: string; problem: string }
const MAX_FINDINGS = 500

/** Platform role: calls that are not as a call may be, all seen at one moment. */
export async function verify(db: Db, unsettledAfterSeconds: number): Promise<CallFinding[]> {
  const { rows } = await db.execute<{
    organization_id: string
    call_id: string
    problem: string
  }>(sql`
    select c.organization_id, c.id as call_id, 'its owner is silent and nobody settled it' as problem
      from calls c left join call_leases l on l.organization_id = c.organization_id and l.call_id = c.id
     where c.settled_at is null
       and coalesce(l.expires_at, coalesce(c.stream_token_expires_at, c.created_at + interval '60 seconds') + interval '5 seconds')
           < now() - make_interval(secs => ${unsettledAfterSeconds})
    union all
    select c.organization_id, c.id, 'settled, but its hold is open'
      from calls c join holds h on h.organization_id = c.organization_id and h.call_id = c.id
     where c.settled_at is not null and h.state = 'open'
    union all
    select h.organization_id, h.call_id, 'a hold of no call'
      from holds h left join calls c on c.organization_id = h.organization_id and c.id = h.call_id
     where c.id is null
    union all
    select c.organization_id, c.id, 'its cost is not what was captured'
      from calls c join holds h on h.organization_id = c.organization_id and h.call_id = c.id
     where c.settled_at is not null and c.cost_cents is distinct from h.captured_cents
    union all
    select c.organization_id, c.id, 'settled, but its lease is open'
      from calls c join call_leases l on l.organization_id = c.organization_id and l.call_id = c.id
     where c.settled_at is not null and l.closed_at is null
    union all
    select coalesce(c.organization_id, '00000000-0000-0000-0000-000000000000'), s.call_id,
           'a slot is held by a call that does not run'
      from call_slots s left join calls c on c.id = s.call_id
     where s.call_id is not null and (c.id is null or c.settled_at is not null)
    union all
    select c.organization_id, c.id, 'it runs without a slot'
      from calls c
     where c.settled_at is null and c.state <> 'created'
       and not exists (select from call_slots s where s.call_id = c.id)
    limit ${MAX_FINDINGS}`)
  return rows.map((row) => ({
    organizationId: row.organization_id,
    callId: row.call_id,
    problem: row.problem,
  }))
}
