import {
  and,
  desc,
  eq,
  getColumns,
  gte,
  isNotNull,
  isNull,
  lt,
  not,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import { type AnyPgColumn, alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client.ts'
import { keptFor } from '#db/kept.ts'
import { agents } from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { recordings } from '#db/schema/recordings.ts'
import { transcriptTurns } from '#db/schema/transcripts.ts'
import { agentOfCall, type CallRow } from './queries.ts'

const recordingOfCall = and(
  eq(recordings.organizationId, calls.organizationId),
  eq(recordings.callId, calls.id),
  isNull(recordings.deletedAt),
)

const summaryColumns = {
  call: calls,
  agentName: agents.name,
  recordingId: recordings.id,
  recordingDurationMs: recordings.durationMs,
  recordingSizeBytes: recordings.sizeBytes,
  recordingSha256: recordings.sha256,
  recordingStoredAt: recordings.storedAt,
  recordingLostRecords: recordings.lostRecords,
  recordingIsTorn: recordings.isTorn,
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
