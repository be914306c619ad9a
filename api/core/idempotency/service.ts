import { createHash } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import {
  actorIdOf,
  asPlatform,
  forOrganization,
  inTransaction,
  tenantOf,
} from '#api/core/context.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

export type Asked = {
  /** The client's own word for what it wants done once. */
  key: string
  operation: string
  /** Everything the operation is given. */
  input: unknown
}
/** As it crosses the wire. */
export type Answered = { status: number; answer: unknown }

/**
 * Runs `work` once for a key of this actor and operation: its effect and its answer are stored in one transaction,
 * so a crash leaves both or neither. A refusal is not stored: what stood in the way may be gone at the next try.
 */
export function once(
  ctx: Context,
  asked: Asked,
  work: (tx: Tx) => Promise<Answered>,
): Promise<Answered & { replayed: boolean }> {
  const { key, operation } = asked
  const requestHash = createHash('sha256').update(JSON.stringify(asked.input)).digest('base64url')
  return inTransaction(ctx, async (tx) => {
    const scope = { organizationId: tenantOf(tx), actorId: scopeOf(tx), operation, key }
    // Whoever waits would hold a connection for a request that somebody repeats out of impatience.
    if (!(await queries.tryLock(tx.db, scope))) throw errors.stillRunning()
    const stored = await queries.findAnswer(tx.db, scope)
    if (stored && stored.requestHash !== requestHash) throw errors.keyReused()
    if (stored) return { status: stored.status, answer: stored.answer, replayed: true }

    const answered = await work(tx)
    await queries.insertAnswer(tx.db, { ...scope, requestHash, ...answered, createdAt: tx.now() })
    return { ...answered, replayed: false }
  })
}

const KEPT_MS = 48 * 60 * 60 * 1000 // promised are 24 hours; the second day is for clocks and late nights
const MAX_ORGANIZATIONS = 1_000 // of one run; the next hour's goes on

/** Deletes answers nobody can ask for any more; returns how many. */
export async function forgetAnswers(ctx: Context): Promise<number> {
  const before = new Date(ctx.now().getTime() - KEPT_MS)
  const organizationIds = await asPlatform(ctx, (tx) =>
    queries.listOrganizationsBefore(tx.db, before, MAX_ORGANIZATIONS),
  )
  let deleted = 0
  for (const organizationId of organizationIds)
    deleted += await inTransaction(forOrganization(ctx, organizationId), (tx) =>
      queries.deleteBefore(tx.db, organizationId, before),
    )
  return deleted
}

/** One person's keys are not another's, nor a program's. */
const scopeOf = ({ actor }: Context): string => `${actor.kind}:${actorIdOf(actor) ?? ''}`
