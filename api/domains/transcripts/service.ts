import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { isEpochCurrent, requireVisibleCall } from '#api/domains/calls/service.ts'
import { MAX_TURNS, type Turn } from './contract.ts'
import { maskNumbers } from './masking.ts'
import * as queries from './queries.ts'

/**
 * Keeps final turns of a running call, card and identity numbers masked. Returns them as stored, or null where
 * this owner was fenced: what is not committed must not be shown.
 */
export function recordTurns(
  ctx: Context,
  call: { organizationId: string; callId: string; epoch: number; createdAt: Date },
  turns: readonly Turn[],
): Promise<Turn[] | null> {
  const kept = turns.map(masked)
  return inTransaction(forOrganization(ctx, call.organizationId), async (tx) => {
    if (!(await isEpochCurrent(tx, call.callId, call.epoch))) return null
    await queries.upsertTurns(
      tx.db,
      kept.map((turn) => rowOf(call, turn)),
    )
    return kept
  })
}

/**
 * Stores turns that a gateway had on disk while the database was away. Its epoch may be gone by now, but a number
 * is given out by one stream only, so they fall into their places whoever runs the call.
 */
export async function recoverTurns(
  ctx: Context,
  call: { organizationId: string; callId: string; createdAt: Date },
  turns: readonly Turn[],
): Promise<Turn[]> {
  const kept = turns.map(masked)
  await inTransaction(forOrganization(ctx, call.organizationId), (tx) =>
    queries.upsertTurns(
      tx.db,
      kept.map((turn) => rowOf(call, turn)),
    ),
  )
  return kept
}

export async function getTranscript(ctx: Context, callId: string): Promise<{ turns: Turn[] }> {
  await requireVisibleCall(ctx, callId)
  return { turns: await listTurnsOf(ctx, callId) }
}

/** The turns of a call of this organization, for those who may see it. */
export async function listTurnsOf(ctx: Context, callId: string): Promise<Turn[]> {
  const rows = await read(ctx, (db) => queries.listTurns(db, tenantOf(ctx), callId, MAX_TURNS))
  return rows.map(({ seq, speaker, text, heard, heardText, startMs, endMs }) => ({
    seq,
    speaker,
    text,
    heard,
    heardText,
    startMs,
    endMs,
  }))
}

/** Without card and identity numbers (THREATS T50). */
export const masked = (turn: Turn): Turn => ({
  ...turn,
  text: maskNumbers(turn.text),
  heardText: turn.heardText === null ? null : maskNumbers(turn.heardText),
})

const rowOf = (
  call: { organizationId: string; callId: string; createdAt: Date },
  turn: Turn,
): queries.NewTurn => ({
  ...turn,
  id: randomUUIDv7(),
  organizationId: call.organizationId,
  callId: call.callId,
  at: call.createdAt,
})
