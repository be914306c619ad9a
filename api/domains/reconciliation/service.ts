import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import {
  actorIdOf,
  asPlatform,
  forOrganization,
  inTransaction,
  tenantOf,
} from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { adjustWallet } from '#api/domains/wallet/service.ts'
import { type Clocks, compareClocks, marginOf } from './compare.ts'
import * as contract from './contract.ts'
import * as queries from './queries.ts'

const BATCH = 200 // calls compared in one transaction

/** Compares the clocks of the organization's calls settled since then, and of those that something is open about. */
export async function compareCalls(ctx: Context, since: Date): Promise<void> {
  for (let after: queries.Place | undefined; ; ) {
    const from: queries.Place | undefined = after
    const compared = await inTransaction(ctx, async (tx) => {
      const page = { since, after: from, limit: BATCH }
      return compareBatch(tx, await queries.listSettledCalls(tx.db, tenantOf(tx), page))
    })
    after = compared.at(-1)
    if (compared.length < BATCH) break
  }
  await inTransaction(ctx, async (tx) =>
    compareBatch(tx, await queries.listOpenCalls(tx.db, tenantOf(tx), since, BATCH)),
  )
}

type Call = Clocks & { id: string }

async function compareBatch(tx: Tx, calls: Call[]): Promise<Call[]> {
  const organizationId = tenantOf(tx)
  const now = tx.now()
  const ids = calls.map(({ id }) => id)
  const open = await queries.withOpenFindings(tx.db, organizationId, ids)
  for (const call of calls) {
    const found = compareClocks(call, now)
    await queries.keepFindings(
      tx.db,
      found.map(({ kind, cause }) => ({
        organizationId,
        callId: call.id,
        kind,
        cause,
        id: randomUUIDv7(),
        carrierSeconds: call.carrierSeconds,
        elevenLabsSeconds: call.elevenLabsSeconds,
        gatewaySeconds: call.gatewaySeconds,
        billedSeconds: call.billedSeconds,
        chargedCents: call.chargedCents,
        vendorCostMicroUsd: call.vendorCostMicroUsd,
        foundAt: now,
        checkedAt: now,
      })),
    )
    if (!open.has(call.id)) continue
    const kinds = found.map(({ kind }) => kind)
    await queries.closeVanished(tx.db, organizationId, call.id, kinds, now)
  }
  return calls
}

/** What was found over all organizations, newest first. */
export async function listFindings(
  ctx: Context,
  { cursor, limit, ...filter }: Received<typeof contract.listFindings>['query'],
): Promise<Answer<typeof contract.listFindings>> {
  const before = readCursor(cursor)
  const rows = await asPlatform(ctx, (tx) =>
    queries.listFindings(tx.db, { ...filter, before, limit: limit + 1 }),
  )
  return pageOfRows(rows.map(shown), limit, ({ foundAt, id }) => ({ at: foundAt, id }))
}

const MAX_OF_CALL = 20 // more than there are kinds

/** A new ledger line that names the call, never a change of an old one; closes what is open about the call. */
export function correctCall(
  ctx: Context,
  { organizationId, callId }: { organizationId: string; callId: string },
  asked: Received<typeof contract.correctCall>['body'],
): Promise<Answer<typeof contract.correctCall>> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    if (!(await queries.hasCall(tx.db, organizationId, callId))) throw notFound('call')
    const { amountCents, note } = asked
    if (amountCents === 0)
      await recordAudit(tx, { action: 'reconciliation.accept', subject: callId, after: { note } })
    else await adjustWallet(tx, organizationId, { ...asked, callId })
    await queries.closeFindings(tx.db, organizationId, callId, {
      state: amountCents === 0 ? 'accepted' : 'corrected',
      closedAt: tx.now(),
      closedBy: actorIdOf(tx.actor),
      note,
      correctedCents: amountCents === 0 ? null : amountCents,
    })
    const which = { organizationId, callId, limit: MAX_OF_CALL }
    return { items: (await queries.listFindings(tx.db, which)).map(shown) }
  })
}

type Listed = Awaited<ReturnType<typeof queries.listFindings>>[number]

function shown({ finding, organizationName, currency }: Listed): z.output<typeof contract.finding> {
  return {
    ...finding,
    organizationName,
    cause: asCause(finding.cause),
    marginCents: marginOf({ ...finding, currency }),
  }
}

// The column is text: what an older version wrote is shown as unexplained.
const asCause = (cause: string): (typeof contract.findingCauses)[number] =>
  contract.findingCauses.find((known) => known === cause) ?? 'unexplained'
