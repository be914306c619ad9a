import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { actorIdOf, forOrganization, inTransaction } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { getWallet } from './balance.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

/**
 * Money for calls that no customer paid (THREATS T11). A deficit is forgiven by a second line of the same grant, so
 * that a blocked organization can use all that was granted. A request id is posted once.
 */
export function grantFunds(
  ctx: Context,
  organizationId: string,
  { requestId, amountCents, reason }: Received<typeof contract.grantFunds>['body'],
): Promise<Answer<typeof contract.grantFunds>> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    if (!(await queries.findWallet(tx.db, organizationId))) throw notFound('organization')
    const key = `grant:${requestId}`
    const granted = await post(tx, organizationId, key, amountCents, { reason })
    if (granted.status === 'mismatch') throw errors.requestIdReused()
    if (granted.status !== 'ok') return getWallet(tx)
    // The wallet's row is locked by now, so what was repaid and what is left of the deficit stay as they are.
    const repaidCents = await queries.amountOf(tx.db, organizationId, `${key}:deficit`)
    const forgivenCents = repaidCents + granted.deficit_cents
    if (forgivenCents > 0)
      await post(tx, organizationId, `${key}:forgiven`, forgivenCents, {
        reason,
        forgives: 'deficit',
      })
    await recordAudit(tx, {
      action: 'wallet.grant',
      subject: organizationId,
      after: { requestId, amountCents, forgivenCents, reason },
    })
    return getWallet(tx)
  })
}

const post = (
  tx: Tx,
  organizationId: string,
  businessKey: string,
  amountCents: number,
  explanation: Record<string, unknown>,
) =>
  queries.post(tx.db, organizationId, {
    kind: 'grant',
    amountCents,
    businessKey,
    actorId: actorIdOf(tx.actor) ?? tx.actor.kind,
    explanation,
  })
