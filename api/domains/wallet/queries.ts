import { and, count, desc, eq, lte, sql, sum } from 'drizzle-orm'
import { type Db, runNamed } from '#db/client.ts'
import { organizations } from '#db/schema/organizations.ts'
import { holds, ledgerEntries, organizationPrices, prices, wallets } from '#db/schema/wallet.ts'

/** What the wallet functions answer; their migration says what each field means. */
export type WalletResult = {
  status: 'ok' | 'replayed' | 'insufficient' | 'mismatch' | 'settled' | 'no_hold'
  funded_seconds: number | null
  billed_seconds: number | null
  amount_cents: number
  released_cents: number
  balance_cents: number
  held_cents: number
  deficit_cents: number
  crossed_percent: number
  /** Where the saved card may be charged now: when less than this is available. */
  recharge_below_cents: number | null
}

export async function openWallet(db: Db, organizationId: string, currency: string): Promise<void> {
  await db.execute(sql`select wallet_open(${organizationId}, ${currency})`)
}

// Whether to charge the saved card is answered along with what moved: one statement, one round trip.
const withRecharge = (moved: string): string => `
  select moved.*, (
    select s.auto_threshold_cents from payment_settings s
     where s.organization_id = $1 and s.auto_enabled and s.auto_paused_reason is null
       and (s.auto_next_try_at is null or s.auto_next_try_at <= now())
  ) as recharge_below_cents
  from ${moved} moved`

export const holdStatement = withRecharge('wallet_hold($1, $2, $3, $4, $5, $6, $7, $8)')
export const settleStatement = withRecharge('wallet_settle($1, $2, $3, $4)')
const postStatement = withRecharge('wallet_post($1, $2, $3, $4, $5, $6, $7)')

export const hold = (
  db: Db,
  organizationId: string,
  asked: {
    callId: string
    pricePerHourCents: number
    priceId: string | null
    slice: number
    totalSeconds: number
    minimumSeconds: number
    actorId: string
  },
): Promise<WalletResult> =>
  one(
    runNamed<WalletResult>(db, 'wallet-hold', holdStatement, [
      organizationId,
      asked.callId,
      asked.pricePerHourCents,
      asked.priceId,
      asked.slice,
      asked.totalSeconds,
      asked.minimumSeconds,
      asked.actorId,
    ]),
  )

export const settle = (
  db: Db,
  organizationId: string,
  ended: { callId: string; billableSeconds: number; actorId: string },
): Promise<WalletResult> =>
  one(
    runNamed<WalletResult>(db, 'wallet-settle', settleStatement, [
      organizationId,
      ended.callId,
      ended.billableSeconds,
      ended.actorId,
    ]),
  )

export const post = (
  db: Db,
  organizationId: string,
  posting: {
    kind: 'top_up' | 'adjustment' | 'grant' | 'refund' | 'dispute'
    amountCents: number
    businessKey: string
    actorId: string
    explanation: Record<string, unknown>
    /** The call that it corrects. */
    callId?: string
  },
): Promise<WalletResult> =>
  one(
    runNamed<WalletResult>(db, 'wallet-post', postStatement, [
      organizationId,
      posting.kind,
      posting.amountCents,
      posting.businessKey,
      posting.actorId,
      JSON.stringify(posting.explanation),
      posting.callId ?? null,
    ]),
  )

/** True for the first note since the last credit. */
export async function noteExhausted(db: Db, organizationId: string): Promise<boolean> {
  const text = 'select wallet_note_exhausted($1) as first'
  const [row] = await runNamed<{ first: boolean }>(db, 'wallet-note', text, [organizationId])
  return row?.first ?? false
}

export async function findWallet(db: Db, organizationId: string) {
  const [row] = await db.select().from(wallets).where(eq(wallets.organizationId, organizationId))
  return row
}

/** What an hour of all running calls costs together. */
export async function sumRunningPrices(db: Db, organizationId: string): Promise<number> {
  const [row] = await db
    .select({ cents: sql<number>`coalesce(sum(${holds.pricePerHourCents}), 0)::bigint` })
    .from(holds)
    .where(and(eq(holds.organizationId, organizationId), eq(holds.state, 'open')))
  return row?.cents ?? 0
}

/** Platform role. */
export async function sumOpenHolds(db: Db): Promise<{ open: number; heldCents: number }> {
  const [row] = await db
    .select({ open: count(), heldCents: sum(holds.amountCents).mapWith(Number) })
    .from(holds)
    .where(sql`state = 'open'`) // as the index says it
  return { open: row?.open ?? 0, heldCents: row?.heldCents ?? 0 }
}

/** What a posting of that key moved; nothing where there is none. */
export async function amountOf(
  db: Db,
  organizationId: string,
  businessKey: string,
): Promise<number> {
  const [row] = await db
    .select({ amountCents: ledgerEntries.amountCents })
    .from(ledgerEntries)
    .where(
      and(
        eq(ledgerEntries.organizationId, organizationId),
        eq(ledgerEntries.businessKey, businessKey),
      ),
    )
  return row?.amountCents ?? 0
}

export async function findPrice(db: Db, at: Date) {
  const [row] = await db
    .select()
    .from(prices)
    .where(lte(prices.effectiveFrom, at))
    .orderBy(desc(prices.effectiveFrom), desc(prices.createdAt), desc(prices.id))
    .limit(1)
  return row
}

export type WalletFinding = {
  row: string
  organizationId: string
  subject: string
  problem: string
}
const MAX_FINDINGS = 500 // enough to see what is wrong; the count is not the point

const VERIFY_SECONDS = 300 // reads every line there is, so it may take longer than a request

/** One statement, so all of it is seen at one moment while calls go on. */
export async function verify(db: Db): Promise<WalletFinding[]> {
  await db.execute(sql.raw(`set local statement_timeout = '${VERIFY_SECONDS}s'`))
  const { rows } = await db.execute<WalletFinding>(sql`
    with lines as (
      select e.*,
        case when to_account in ('available', 'held') then amount_cents else 0 end
          - case when from_account in ('available', 'held') then amount_cents else 0 end as to_balance,
        case when to_account = 'held' then amount_cents else 0 end
          - case when from_account = 'held' then amount_cents else 0 end as to_held,
        case when from_account = 'deficit' then amount_cents else 0 end
          - case when to_account = 'deficit' then amount_cents else 0 end as to_deficit
      from ledger_entries e
    ), chained as (
      select l.*,
        sum(to_balance) over earlier as balance_so_far,
        sum(to_held) over earlier as held_so_far,
        row_number() over earlier as place
      from lines l window earlier as (partition by organization_id order by sequence)
    ), totals as (
      select organization_id, sum(to_balance) as balance, sum(to_held) as held, sum(to_deficit) as deficit,
             count(*) as lines, max(sequence) as last
        from lines group by organization_id
    ), by_call as (
      select organization_id, call_id,
             sum(amount_cents) filter (where kind = 'hold') as held,
             sum(amount_cents) filter (where kind = 'capture') as captured,
             sum(amount_cents) filter (where kind = 'release') as released,
             count(*) filter (where kind = 'capture') as captures,
             count(*) filter (where kind = 'release') as releases
        from lines where kind in ('hold', 'capture', 'release') group by organization_id, call_id
    ), found as (
      select 'L1' as row, w.organization_id, 'wallet' as subject, 'balance differs from the sum of its lines' as problem
        from wallets w left join totals t using (organization_id) where w.balance_cents <> coalesce(t.balance, 0)
      union all
      select 'L1', w.organization_id, 'wallet', 'deficit differs from the sum of its lines'
        from wallets w left join totals t using (organization_id) where w.deficit_cents <> coalesce(t.deficit, 0)
      union all
      select 'L1', organization_id, 'line ' || sequence, 'balance or held after the line differs from the sum so far'
        from chained where balance_after_cents <> balance_so_far or held_after_cents <> held_so_far
      union all
      select 'L2', w.organization_id, 'wallet', 'held differs from the sum of open holds'
        from wallets w where w.held_cents <>
          (select coalesce(sum(h.amount_cents), 0) from holds h
            where h.organization_id = w.organization_id and h.state = 'open')
      union all
      select 'L2', w.organization_id, 'wallet', 'held differs from the sum of its lines'
        from wallets w left join totals t using (organization_id) where w.held_cents <> coalesce(t.held, 0)
      union all
      select 'L3', organization_id, 'wallet', 'held is not between nothing and the balance'
        from wallets where held_cents < 0 or held_cents > balance_cents
      union all
      select 'L4', h.organization_id, 'call ' || h.call_id, 'the lines do not make the hold'
        from holds h left join by_call c using (organization_id, call_id)
       where h.amount_cents <> coalesce(c.held, 0) or h.captured_cents <> coalesce(c.captured, 0)
          or h.captured_cents > h.amount_cents
      union all
      select 'L4', h.organization_id, 'call ' || h.call_id, 'the hold is not closed exactly once'
        from holds h left join by_call c using (organization_id, call_id)
       where case when h.state = 'settled'
               then coalesce(c.captures, 0) > 1 or coalesce(c.releases, 0) > 1
                 or coalesce(c.captures, 0) + coalesce(c.releases, 0) = 0
                 or coalesce(c.captured, 0) + coalesce(c.released, 0) <> h.amount_cents
               else coalesce(c.captures, 0) + coalesce(c.releases, 0) > 0 end
      union all
      select 'L4', c.organization_id, 'call ' || c.call_id, 'lines of a call without a hold'
        from by_call c left join holds h using (organization_id, call_id) where h.call_id is null
      union all
      select 'L5', '00000000-0000-0000-0000-000000000000'::uuid, 'ledger_entries', 'a role may change lines, or the trigger is off'
       where has_table_privilege('voxcalls_app', 'ledger_entries', 'insert, update, delete, truncate')
          or has_table_privilege('voxcalls_platform', 'ledger_entries', 'insert, update, delete, truncate')
          or (select count(*) from pg_trigger where tgrelid = 'ledger_entries'::regclass and not tgisinternal
                and tgenabled = 'O' and tgname in ('ledger_entries_only_grow', 'ledger_entries_never_truncated')) <> 2
      union all
      select 'L6', l.organization_id, 'line ' || l.sequence, 'the line is not balanced in the wallet''s currency'
        from lines l join wallets w using (organization_id)
       where l.from_account = l.to_account or l.amount_cents < 0 or l.currency <> w.currency
      union all
      select 'L7', l.organization_id, 'line ' || l.sequence, 'a top-up without its payment'
        from lines l
       where l.kind = 'top_up' and l.from_account = 'payments' and not exists (
         select from top_ups t where t.organization_id = l.organization_id and t.state = 'paid'
            and l.business_key = 'pi:' || t.stripe_payment_intent_id and l.amount_cents = t.received_cents
            and l.currency = t.currency)
      union all
      select 'L7', t.organization_id, 'top-up ' || t.id, 'paid, and not credited by what was received'
        from top_ups t
       where t.state = 'paid' and not exists (
         select from lines l where l.organization_id = t.organization_id and l.kind = 'top_up'
            and l.from_account = 'payments' and l.amount_cents = t.received_cents
            and l.business_key = 'pi:' || t.stripe_payment_intent_id)
      union all
      select 'L8', organization_id, business_key, 'the business key stands more than once'
        from lines group by organization_id, business_key having count(*) > 1
      union all
      select 'L8', organization_id, 'line ' || sequence, 'the business key does not name its call'
        from lines where kind in ('hold', 'capture', 'release')
         and (call_id is null or business_key !~ ('^call:' || call_id || ':(hold:[0-9]+|capture|release)$'))
      union all
      select 'L9', organization_id, 'line ' || sequence, 'the sequence has a gap before this line'
        from chained where sequence <> place
      union all
      select 'L9', w.organization_id, 'wallet', 'the sequence ends elsewhere than the lines'
        from wallets w left join totals t using (organization_id) where w.entry_sequence <> coalesce(t.last, 0)
      union all
      select 'L10', organization_id, 'call ' || call_id, 'held or charged something else than the price of its seconds'
        from holds
       where amount_cents <> (price_per_hour_cents * funded_seconds + 3599) / 3600
          or captured_cents <> (price_per_hour_cents * coalesce(billed_seconds, 0) + 3599) / 3600
      union all
      select 'L10', h.organization_id, 'call ' || h.call_id, 'the call says another price, cost or duration than its hold'
        from holds h join calls c on c.organization_id = h.organization_id and c.id = h.call_id
       where h.price_per_hour_cents <> c.price_per_hour_cents
          or (h.state = 'settled' and c.billing_status = 'charged'
              and (h.captured_cents <> c.cost_cents or h.billed_seconds <> c.billable_seconds))
      union all
      select 'L10', c.organization_id, 'call ' || c.id, 'the call is settled and its hold is not, or the other way'
        from calls c join holds h on h.organization_id = c.organization_id and h.call_id = c.id
       where (c.settled_at is not null) <> (h.state = 'settled')
    )
    select row, organization_id as "organizationId", subject, problem from found
     order by row, organization_id, subject limit ${MAX_FINDINGS}`)
  return rows
}

async function one(asked: Promise<WalletResult[]>): Promise<WalletResult> {
  const [row] = await asked
  if (!row) throw new Error('a wallet function answered nothing')
  return row
}

export type EffectivePrice = {
  id: string
  pricePerHourCents: number
  mockPricePercent: number
  /** False where the organization pays what everybody pays. */
  isOwn: boolean
}

/** The organization's own price at that moment, else everybody's. */
export async function findEffectivePrice(
  db: Db,
  organizationId: string,
  at: Date,
): Promise<EffectivePrice | undefined> {
  const [row] = await runNamed<EffectivePrice>(
    db,
    'wallet-price',
    `with own as (
       select id, price_per_hour_cents, coalesce(mock_price_percent, 0) as mock_price_percent, true as is_own
         from organization_prices where organization_id = $1 and effective_from <= $2
        order by effective_from desc, created_at desc, id desc limit 1
     ), everybody as (
       select id, price_per_hour_cents, mock_price_percent, false as is_own
         from prices where effective_from <= $2
        order by effective_from desc, created_at desc, id desc limit 1
     )
     select id, price_per_hour_cents as "pricePerHourCents", mock_price_percent as "mockPricePercent",
            is_own as "isOwn"
       from (select * from own where price_per_hour_cents is not null union all select * from everybody) p
      order by is_own desc limit 1`,
    [organizationId, at],
  )
  return row
}

/** Changes of everybody's price, or of one organization's, come one after another. */
export async function lockPrices(db: Db, whose: string): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtext('wallet.price'), hashtext(${whose}))`)
}

/** Newest first, those to come included. Platform role. */
export const listPrices = (db: Db, limit: number) =>
  db
    .select()
    .from(prices)
    .orderBy(desc(prices.effectiveFrom), desc(prices.createdAt), desc(prices.id))
    .limit(limit)

export async function insertPrice(db: Db, price: typeof prices.$inferInsert) {
  const [row] = await db.insert(prices).values(price).returning()
  if (!row) throw new Error('an insert returned no row')
  return row
}

export const listOrganizationPrices = (db: Db, organizationId: string, limit: number) =>
  db
    .select()
    .from(organizationPrices)
    .where(eq(organizationPrices.organizationId, organizationId))
    .orderBy(
      desc(organizationPrices.effectiveFrom),
      desc(organizationPrices.createdAt),
      desc(organizationPrices.id),
    )
    .limit(limit)

export async function insertOrganizationPrice(
  db: Db,
  price: typeof organizationPrices.$inferInsert,
) {
  const [row] = await db.insert(organizationPrices).values(price).returning()
  if (!row) throw new Error('an insert returned no row')
  return row
}

/** Where news of the money go besides the admins. */
export async function findNotificationEmails(db: Db, organizationId: string): Promise<string[]> {
  const [row] = await db
    .select({ emails: organizations.notificationEmails })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row?.emails ?? []
}
