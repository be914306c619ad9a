import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { DomainError, notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { getWallet } from './balance.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { rechargeDue, walletExhausted, walletLow } from './events.ts'
import { affordableSeconds, costCents, priceOfKind } from './pricing.ts'
import * as queries from './queries.ts'

export { getWallet, getWalletStatus } from './balance.ts'
export { insufficientBalance } from './errors.ts'
export { grantFunds } from './grants.ts'
export { exportEntries, listEntries } from './ledger/list.ts'
export {
  exportStatement,
  getStatement,
  listStatements,
  printStatement,
} from './ledger/statement.ts'
export { previewCost } from './preview.ts'
export {
  changeOrganizationPrice,
  changePrice,
  getPriceOf,
  listOrganizationPrices,
  listPrices,
} from './prices.ts'
export { claimTopUp, getTopUp, listTopUps, openCheckout } from './top-ups/open.ts'
export { changeAutoRecharge, getAutoRecharge } from './top-ups/recharge.ts'

export type WalletFinding = queries.WalletFinding
export type Price = { priceId: string; pricePerHourCents: number }
export type SliceHeld = {
  fundedSeconds: number
  /** How long the call could last in all on what is free now; null where it costs nothing. */
  affordableSeconds: number | null
  heldCents: number
  status: 'held' | 'held already'
}
export type Settlement = {
  status: 'settled' | 'settled already' | 'no hold'
  billedSeconds: number
  capturedCents: number
  releasedCents: number
}

/** Opens the organization's wallet, once; its transaction is the one that makes the organization. */
export const openWallet = (tx: Tx, organizationId: string, currency = 'usd'): Promise<void> =>
  queries.openWallet(tx.db, organizationId, currency)

/**
 * Funds a call up to `totalSeconds` since its start, or as far as the money goes if that is `minimumSeconds` more
 * than before. One slice number is held once: asked again, it answers what it gave. Throws 402 where too little is
 * there; inside somebody's transaction that undoes theirs too.
 */
export async function holdSlice(
  ctx: Context,
  asked: {
    callId: string
    pricePerHourCents: number
    priceId: string | null
    slice: number
    totalSeconds: number
    minimumSeconds: number
  },
): Promise<SliceHeld> {
  const held = await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const result = await queries.hold(tx.db, organizationId, { ...asked, actorId: actorIdOf(tx) })
    if (result.crossed_percent > 0) await tx.emit(walletExhausted, { organizationId })
    if (isRechargeDue(result)) await tx.emit(rechargeDue, { organizationId })
    return result
  })
  // Outside the transaction, so that what was emitted stays where the transaction was ours.
  if (held.status === 'settled') throw errors.holdSettled()
  if (held.status === 'insufficient') throw errors.insufficientBalance()
  const fundedSeconds = held.funded_seconds ?? 0
  const freeCents = held.balance_cents - held.held_cents
  return {
    fundedSeconds,
    affordableSeconds: affordableSeconds(
      asked.pricePerHourCents,
      costCents(asked.pricePerHourCents, fundedSeconds) + freeCents,
    ),
    heldCents: held.amount_cents,
    status: held.status === 'replayed' ? 'held already' : 'held',
  }
}

/** Tells, once a credit, that a call was refused for want of money; for after the refused transaction's end. */
export async function tellExhausted(ctx: Context): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    if (await queries.noteExhausted(tx.db, organizationId))
      await tx.emit(walletExhausted, { organizationId })
  })
}

/** Whether a hold was refused for want of money. */
export const isInsufficient = (error: unknown): boolean =>
  error instanceof DomainError && error.code === errors.insufficientBalance().code

/** Charges a finished call for its seconds, as far as they were funded, and gives the rest back; once. */
export async function settleHold(
  ctx: Context,
  ended: { callId: string; billableSeconds: number },
): Promise<Settlement> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const result = await queries.settle(tx.db, organizationId, { ...ended, actorId: actorIdOf(tx) })
    if (result.crossed_percent > 0)
      await tx.emit(walletLow, { organizationId, usedPercent: result.crossed_percent })
    if (isRechargeDue(result)) await tx.emit(rechargeDue, { organizationId })
    return {
      status: settlementStatus(result.status),
      billedSeconds: result.billed_seconds ?? 0,
      capturedCents: result.amount_cents,
      releasedCents: result.released_cents,
    }
  })
}

/** Credits or debits by hand. A debit never takes what running calls hold; a request id is posted once. */
export async function adjustWallet(
  ctx: Context,
  organizationId: string,
  adjustment: Received<typeof contract.adjustWallet>['body'] & {
    /** The call whose charge it corrects. */
    callId?: string
  },
): Promise<Answer<typeof contract.adjustWallet>> {
  if (adjustment.amountCents === 0) throw errors.nothingToAdjust()
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    if (!(await queries.findWallet(tx.db, organizationId))) throw notFound('organization')
    const result = await queries.post(tx.db, organizationId, {
      kind: 'adjustment',
      amountCents: adjustment.amountCents,
      businessKey: `manual:${adjustment.requestId}`,
      actorId: actorIdOf(tx),
      explanation: { note: adjustment.note },
      ...(adjustment.callId && { callId: adjustment.callId }),
    })
    if (result.status === 'mismatch') throw errors.requestIdReused()
    if (result.status === 'insufficient') throw errors.insufficientBalance()
    if (result.status === 'ok') {
      await recordAudit(tx, {
        action: 'wallet.adjust',
        subject: organizationId,
        after: {
          requestId: adjustment.requestId,
          amountCents: adjustment.amountCents,
          balanceCents: result.balance_cents,
          ...(adjustment.callId && { callId: adjustment.callId }),
        },
      })
      if (result.crossed_percent > 0)
        await tx.emit(walletLow, { organizationId, usedPercent: result.crossed_percent })
      if (isRechargeDue(result)) await tx.emit(rechargeDue, { organizationId })
    }
    return getWallet(tx)
  })
}

/** The price of an hour of such a call at that moment; a call keeps the one it started with. */
export async function currentPrice(
  ctx: Context,
  at: Date,
  kind: 'agent' | 'live' | 'mock' | 'meeting' | 'test',
): Promise<Price> {
  const price = await read(ctx, (db) => queries.findEffectivePrice(db, tenantOf(ctx), at))
  if (!price) throw errors.noPrice()
  return { priceId: price.id, pricePerHourCents: priceOfKind(price, kind) }
}

/** Checks L1 to L10 over every organization at one moment; an empty answer says that all hold. */
export const verifyWallets = (tx: Tx): Promise<WalletFinding[]> => queries.verify(tx.db)

/** Platform role: how many calls have money set aside now, and how much in all. */
export const sumOpenHolds = (tx: Tx): Promise<{ open: number; heldCents: number }> =>
  queries.sumOpenHolds(tx.db)

const actorIdOf = ({ actor }: Context): string =>
  actor.kind === 'user' ? actor.userId : actor.kind === 'key' ? actor.keyId : actor.kind

const isRechargeDue = (after: queries.WalletResult): boolean =>
  after.recharge_below_cents !== null &&
  after.balance_cents - after.held_cents < after.recharge_below_cents

function settlementStatus(status: string): Settlement['status'] {
  if (status === 'no_hold') return 'no hold'
  return status === 'replayed' ? 'settled already' : 'settled'
}
