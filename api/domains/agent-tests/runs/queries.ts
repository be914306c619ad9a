import { and, asc, eq, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agentTestRuns } from '#db/schema/agent-tests.ts'
import { callEvents, calls } from '#db/schema/calls.ts'
import { transcriptTurns } from '#db/schema/transcripts.ts'
import { holds, ledgerEntries } from '#db/schema/wallet.ts'

export type RunRow = typeof agentTestRuns.$inferSelect

const isRun = (organizationId: string, id: string): SQL | undefined =>
  and(eq(agentTestRuns.organizationId, organizationId), eq(agentTestRuns.id, id))
const runsOf = (organizationId: string, agentId: string): SQL | undefined =>
  and(eq(agentTestRuns.organizationId, organizationId), eq(agentTestRuns.agentId, agentId))

/** The one that somebody runs, or ran when they died. */
export async function findRunning(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<RunRow | undefined> {
  const [row] = await db
    .select()
    .from(agentTestRuns)
    .where(and(runsOf(organizationId, agentId), eq(agentTestRuns.state, 'running')))
    .for('update')
  return row
}

export async function findNextQueued(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<RunRow | undefined> {
  const [row] = await db
    .select()
    .from(agentTestRuns)
    .where(and(runsOf(organizationId, agentId), eq(agentTestRuns.state, 'queued')))
    .orderBy(asc(agentTestRuns.queuedAt), asc(agentTestRuns.id))
    .limit(1)
    .for('update')
  return row
}

export async function updateRun(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<RunRow>,
): Promise<RunRow> {
  const [row] = await db
    .update(agentTestRuns)
    .set(change)
    .where(isRun(organizationId, id))
    .returning()
  if (!row) throw new Error('a locked run was not found again')
  return row
}

/** A run that is not over yet, held until the transaction ends. */
export async function lockUnfinished(
  db: Db,
  organizationId: string,
  id: string,
): Promise<RunRow | undefined> {
  const [row] = await db
    .select()
    .from(agentTestRuns)
    .where(and(isRun(organizationId, id), isNull(agentTestRuns.finishedAt)))
    .for('update')
  return row
}

/** Undefined where the run is somebody else's by now. */
export async function updateClaimed(
  db: Db,
  organizationId: string,
  id: string,
  token: string,
  change: Partial<RunRow>,
): Promise<RunRow | undefined> {
  const [row] = await db
    .update(agentTestRuns)
    .set(change)
    .where(and(isRun(organizationId, id), eq(agentTestRuns.claim, token)))
    .returning()
  return row
}

/** All that wait, of an agent that is gone. */
export async function breakQueued(
  db: Db,
  organizationId: string,
  agentId: string,
  broken: { reason: string; finishedAt: Date },
): Promise<void> {
  await db
    .update(agentTestRuns)
    .set({ state: 'broken', ...broken })
    .where(and(runsOf(organizationId, agentId), eq(agentTestRuns.state, 'queued')))
}

/** Platform role: agents of which a run waits, or has lost its runner. */
export function listAgentsToRun(
  db: Db,
  now: Date,
  limit: number,
): Promise<{ organizationId: string; agentId: string }[]> {
  const { organizationId, agentId, state, claimedUntil } = agentTestRuns
  return db
    .selectDistinct({ organizationId, agentId })
    .from(agentTestRuns)
    .where(
      and(sql`${agentTestRuns.finishedAt} is null`, or(eq(state, 'queued'), lt(claimedUntil, now))),
    )
    .limit(limit)
}

export type EvidentTurn = Pick<
  typeof transcriptTurns.$inferSelect,
  'speaker' | 'text' | 'heard' | 'heardText' | 'startMs' | 'endMs'
>
export type EvidentEvent = { kind: string; data: Record<string, unknown> }
export type EvidentCall = Pick<typeof calls.$inferSelect, 'state' | 'reason' | 'settledAt'>

const EVENT_KINDS = [
  'media.started',
  'notice',
  'notice-over',
  'announcement',
  'agent-answered',
  'tool-call',
  'tool-result',
]
const MAX_EVENTS = 2_000 // the gateway keeps as many of a call

export async function findEvidentCall(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<EvidentCall | undefined> {
  const [row] = await db
    .select({ state: calls.state, reason: calls.reason, settledAt: calls.settledAt })
    .from(calls)
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, callId)))
  return row
}

export function listEvidentTurns(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<EvidentTurn[]> {
  const { speaker, text, heard, heardText, startMs, endMs, seq } = transcriptTurns
  return db
    .select({ speaker, text, heard, heardText, startMs, endMs })
    .from(transcriptTurns)
    .where(
      and(eq(transcriptTurns.organizationId, organizationId), eq(transcriptTurns.callId, callId)),
    )
    .orderBy(asc(startMs), asc(seq))
}

export function listEvidentEvents(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<EvidentEvent[]> {
  return db
    .select({ kind: callEvents.kind, data: callEvents.data })
    .from(callEvents)
    .where(
      and(
        eq(callEvents.organizationId, organizationId),
        eq(callEvents.callId, callId),
        inArray(callEvents.kind, EVENT_KINDS),
      ),
    )
    .orderBy(asc(callEvents.at), asc(callEvents.id))
    .limit(MAX_EVENTS)
}

export type Charge = {
  state: string
  costCents: number | null
  billableSeconds: number | null
  pricePerHourCents: number | null
  isHoldSettled: boolean
  /** Sums of the call's ledger lines. */
  heldCents: number
  capturedCents: number
  releasedCents: number
}

/** What a call cost, beside what the ledger says of it; undefined where there is no such call. */
export async function findCharge(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<Charge | undefined> {
  const sumOf = (kind: string) =>
    sql<number>`coalesce(sum(${ledgerEntries.amountCents}) filter (where ${ledgerEntries.kind} = ${kind}), 0)`.mapWith(
      Number,
    )
  const [call] = await db
    .select({
      state: calls.state,
      costCents: calls.costCents,
      billableSeconds: calls.billableSeconds,
      pricePerHourCents: calls.pricePerHourCents,
      holdState: holds.state,
    })
    .from(calls)
    .leftJoin(
      holds,
      and(eq(holds.organizationId, calls.organizationId), eq(holds.callId, calls.id)),
    )
    .where(and(eq(calls.organizationId, organizationId), eq(calls.id, callId)))
  if (!call) return undefined
  const [sums] = await db
    .select({
      heldCents: sumOf('hold'),
      capturedCents: sumOf('capture'),
      releasedCents: sumOf('release'),
    })
    .from(ledgerEntries)
    .where(and(eq(ledgerEntries.organizationId, organizationId), eq(ledgerEntries.callId, callId)))
  const { holdState, ...rest } = call
  return {
    ...rest,
    isHoldSettled: holdState === 'settled',
    ...(sums ?? { heldCents: 0, capturedCents: 0, releasedCents: 0 }),
  }
}
