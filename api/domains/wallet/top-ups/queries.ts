import { and, desc, eq, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { SavedCard } from '#api/core/vendors.ts'
import type { Db } from '#db/client.ts'
import { organizations } from '#db/schema/organizations.ts'
import { paymentSettings, topUps, wallets } from '#db/schema/wallet.ts'

export type TopUpRow = typeof topUps.$inferSelect
export type SettingsRow = typeof paymentSettings.$inferSelect
export type Place = { organizationId: string; id: string }

export async function insertTopUp(db: Db, row: typeof topUps.$inferInsert): Promise<TopUpRow> {
  const [inserted] = await db.insert(topUps).values(row).returning()
  if (!inserted) throw new Error('an insert returned no row')
  return inserted
}

export async function findTopUp(
  db: Db,
  organizationId: string,
  id: string,
): Promise<TopUpRow | undefined> {
  const [row] = await db
    .select()
    .from(topUps)
    .where(and(eq(topUps.organizationId, organizationId), eq(topUps.id, id)))
  return row
}

/** The row, locked: two who tell of one payment at once come one after the other. */
export async function lockTopUp(db: Db, organizationId: string, id: string): Promise<TopUpRow> {
  const [row] = await db
    .select()
    .from(topUps)
    .where(and(eq(topUps.organizationId, organizationId), eq(topUps.id, id)))
    .for('update')
  if (!row) throw new Error('a top-up is gone')
  return row
}

export const listTopUps = (
  db: Db,
  organizationId: string,
  page: { limit: number; before: Position | undefined },
): Promise<TopUpRow[]> =>
  db
    .select()
    .from(topUps)
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        page.before &&
          or(
            lt(topUps.createdAt, page.before.at),
            and(eq(topUps.createdAt, page.before.at), lt(topUps.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(topUps.createdAt), desc(topUps.id))
    .limit(page.limit)

export const countPending = (db: Db, organizationId: string): Promise<number> =>
  db.$count(topUps, and(eq(topUps.organizationId, organizationId), eq(topUps.state, 'pending')))

/** Keeps the page of a top-up that has none; whoever comes second keeps what stands. */
export async function setSession(
  db: Db,
  organizationId: string,
  id: string,
  session: { stripeSessionId: string; checkoutUrl: string | null },
): Promise<void> {
  await db
    .update(topUps)
    .set(session)
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        eq(topUps.id, id),
        isNull(topUps.stripeSessionId),
      ),
    )
}

/** Money is the truth: whatever was believed of this top-up before, it is paid. */
export async function setPaid(
  db: Db,
  organizationId: string,
  id: string,
  paid: {
    stripePaymentIntentId: string
    receivedCents: number
    receiptUrl: string | null
    decidedAt: Date
  },
): Promise<void> {
  await db
    .update(topUps)
    .set({ ...paid, state: 'paid', failureCode: null, checkoutUrl: null })
    .where(and(eq(topUps.organizationId, organizationId), eq(topUps.id, id)))
}

/** Ends a top-up that nobody will pay; true for whoever ended it. Never undoes a payment. */
export async function setUnpaid(
  db: Db,
  organizationId: string,
  id: string,
  ended: { state: 'expired' | 'canceled' | 'failed'; failureCode?: string; decidedAt: Date },
): Promise<boolean> {
  const rows = await db
    .update(topUps)
    .set({ ...ended, checkoutUrl: null })
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        eq(topUps.id, id),
        eq(topUps.state, 'pending'),
      ),
    )
    .returning({ id: topUps.id })
  return rows.length > 0
}

/** Another card may still pay, so the top-up goes on waiting. */
export async function noteRefusal(
  db: Db,
  organizationId: string,
  id: string,
  failureCode: string,
): Promise<void> {
  await db
    .update(topUps)
    .set({ failureCode })
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        eq(topUps.id, id),
        eq(topUps.state, 'pending'),
      ),
    )
}

// Whose a payment is nobody knows before it is looked up: these three are the platform's.

export async function findPlace(
  db: Db,
  by: { stripeSessionId: string } | { stripePaymentIntentId: string } | { id: string },
): Promise<Place | undefined> {
  const wanted =
    'stripeSessionId' in by
      ? eq(topUps.stripeSessionId, by.stripeSessionId)
      : 'stripePaymentIntentId' in by
        ? eq(topUps.stripePaymentIntentId, by.stripePaymentIntentId)
        : eq(topUps.id, by.id)
  const [row] = await db
    .select({ organizationId: topUps.organizationId, id: topUps.id })
    .from(topUps)
    .where(wanted)
    .limit(1)
  return row
}

/** Oldest first. */
export const listPending = (
  db: Db,
  which: { createdAfter: Date; createdBefore: Date; limit: number },
): Promise<{ organizationId: string; topUpId: string }[]> =>
  db
    .select({ organizationId: topUps.organizationId, topUpId: topUps.id })
    .from(topUps)
    .where(
      and(
        eq(topUps.state, 'pending'),
        gte(topUps.createdAt, which.createdAfter),
        lt(topUps.createdAt, which.createdBefore),
      ),
    )
    .orderBy(topUps.createdAt)
    .limit(which.limit)

/** Organizations whose card is to be charged now. */
export const listRechargesDue = (
  db: Db,
  now: Date,
  limit: number,
): Promise<{ organizationId: string }[]> =>
  db
    .select({ organizationId: paymentSettings.organizationId })
    .from(paymentSettings)
    .innerJoin(wallets, eq(wallets.organizationId, paymentSettings.organizationId))
    .where(
      and(
        eq(paymentSettings.autoEnabled, true),
        isNull(paymentSettings.autoPausedReason),
        or(isNull(paymentSettings.autoNextTryAt), lt(paymentSettings.autoNextTryAt, now)),
        sql`${wallets.balanceCents} - ${wallets.heldCents} < ${paymentSettings.autoThresholdCents}`,
      ),
    )
    .limit(limit)

export async function findSettings(
  db: Db,
  organizationId: string,
): Promise<SettingsRow | undefined> {
  const [row] = await db
    .select()
    .from(paymentSettings)
    .where(eq(paymentSettings.organizationId, organizationId))
  return row
}

/** How the organization pays, locked and made where it is missing. Always the first lock of a payment. */
export async function lockSettings(db: Db, organizationId: string): Promise<SettingsRow> {
  await db.insert(paymentSettings).values({ organizationId }).onConflictDoNothing()
  const [row] = await db
    .select()
    .from(paymentSettings)
    .where(eq(paymentSettings.organizationId, organizationId))
    .for('update')
  if (!row) throw new Error('payment settings are gone')
  return row
}

export async function updateSettings(
  db: Db,
  organizationId: string,
  change: Partial<Omit<SettingsRow, 'organizationId'>>,
): Promise<void> {
  await db
    .update(paymentSettings)
    .set(change)
    .where(eq(paymentSettings.organizationId, organizationId))
}

export const cardOf = (card: SavedCard) => ({
  stripePaymentMethodId: card.stripePaymentMethodId,
  cardBrand: card.brand,
  cardLastFour: card.lastFour,
  cardExpires: card.expires,
})

export async function findPendingRecharge(
  db: Db,
  organizationId: string,
): Promise<TopUpRow | undefined> {
  const [row] = await db
    .select()
    .from(topUps)
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        eq(topUps.origin, 'auto_recharge'),
        eq(topUps.state, 'pending'),
      ),
    )
  return row
}

/** What was or may yet be charged by itself since a moment. */
export async function sumRecharges(db: Db, organizationId: string, since: Date): Promise<number> {
  const [row] = await db
    .select({ cents: sql<number>`coalesce(sum(${topUps.amountCents}), 0)::bigint` })
    .from(topUps)
    .where(
      and(
        eq(topUps.organizationId, organizationId),
        eq(topUps.origin, 'auto_recharge'),
        inArray(topUps.state, ['pending', 'paid']),
        gte(topUps.createdAt, since),
      ),
    )
  return row?.cents ?? 0
}

/** Undefined where the organization is paused or archived: nothing new begins there. */
export async function findActiveWallet(db: Db, organizationId: string) {
  const [row] = await db
    .select({
      currency: wallets.currency,
      availableCents: sql<number>`${wallets.balanceCents} - ${wallets.heldCents}`,
    })
    .from(wallets)
    .innerJoin(organizations, eq(organizations.id, wallets.organizationId))
    .where(and(eq(wallets.organizationId, organizationId), eq(organizations.status, 'active')))
  return row
}
