import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { paymentTroubled, walletLow } from '../events.ts'
import { post } from '../queries.ts'
import { followPayment } from './credit.ts'
import { stripeOf } from './open.ts'
import * as queries from './queries.ts'

type Taken = 'debited' | 'given back' | 'again' | 'inquiry' | 'not ours' | 'unknown to stripe'

/** Takes a refunded payment out of the wallet, once; gives it back where the bank did not take the refund. */
export async function followRefund(ctx: Context, stripeRefundId: string): Promise<Taken> {
  const refund = await stripeOf(ctx).findRefund(stripeRefundId)
  if (!refund) return 'unknown to stripe'
  return move(ctx, {
    ...refund,
    kind: 'refund',
    businessKey: `re:${stripeRefundId}`,
    isGivenBack: refund.hasFailed,
    explanation: { stripeRefundId },
  })
}

/**
 * Takes a disputed payment out of the wallet, once, and stops charging the card by itself; gives the money back where
 * the dispute was won. An inquiry moves no money.
 */
export async function followDispute(ctx: Context, stripeDisputeId: string): Promise<Taken> {
  const dispute = await stripeOf(ctx).findDispute(stripeDisputeId)
  if (!dispute) return 'unknown to stripe'
  if (dispute.outcome === 'inquiry') return 'inquiry'
  return move(ctx, {
    ...dispute,
    kind: 'dispute',
    businessKey: `dp:${stripeDisputeId}`,
    isGivenBack: dispute.outcome === 'won',
    explanation: { stripeDisputeId },
  })
}

type Movement = {
  kind: 'refund' | 'dispute'
  stripePaymentIntentId: string | null
  amountCents: number
  currency: string
  businessKey: string
  isGivenBack: boolean
  explanation: Record<string, string>
}

async function move(ctx: Context, movement: Movement): Promise<Taken> {
  const { kind, stripePaymentIntentId, amountCents, currency, businessKey } = movement
  const place = stripePaymentIntentId && (await creditedPlace(ctx, stripePaymentIntentId))
  if (!place) {
    ctx.log.warn({ alert: 'webhook.not_ours', businessKey }, 'money went back that never came here')
    return 'not ours'
  }
  const { organizationId } = place
  const explanation = { ...movement.explanation, stripePaymentIntentId, topUpId: place.id }
  return inTransaction(forOrganization(ctx, organizationId), async (tx): Promise<Taken> => {
    const settings = await queries.lockSettings(tx.db, organizationId)
    const topUp = await queries.lockTopUp(tx.db, organizationId, place.id)
    if (topUp.currency !== currency) throw new Error('money goes back in another currency')
    const taken = await post(tx.db, organizationId, {
      kind,
      amountCents: -amountCents,
      businessKey,
      actorId: 'stripe',
      explanation,
    })
    if (taken.status === 'mismatch')
      throw new Error(`${businessKey} was posted with another amount`)
    if (taken.crossed_percent > 0 && !movement.isGivenBack)
      await tx.emit(walletLow, { organizationId, usedPercent: taken.crossed_percent })
    if (kind === 'dispute' && taken.status === 'ok') {
      if (settings.autoEnabled)
        await queries.updateSettings(tx.db, organizationId, {
          autoPausedReason: 'dispute',
          updatedAt: tx.now(),
        })
      await tx.emit(paymentTroubled, { organizationId, trouble: 'dispute' })
    }
    if (!movement.isGivenBack) return taken.status === 'ok' ? 'debited' : 'again'
    // Both lines are posted whichever news came first, so an older one that is late finds its line there.
    const back = await post(tx.db, organizationId, {
      kind,
      amountCents,
      businessKey: `${businessKey}:back`,
      actorId: 'stripe',
      explanation: { ...explanation, givesBack: businessKey },
    })
    if (back.status === 'mismatch') throw new Error(`${businessKey} came back as another amount`)
    return back.status === 'ok' ? 'given back' : 'again'
  })
}

/** Whose payment it is. News of a refund may overtake those of the payment, which is then credited first. */
async function creditedPlace(
  ctx: Context,
  stripePaymentIntentId: string,
): Promise<queries.Place | undefined> {
  const find = () => asPlatform(ctx, (tx) => queries.findPlace(tx.db, { stripePaymentIntentId }))
  const known = await find()
  if (known) return known
  await followPayment(ctx, stripePaymentIntentId)
  return find()
}
