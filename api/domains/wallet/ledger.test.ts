import { randomUUIDv7 } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '#api/core/context.ts'
import { asPlatform, inTransaction } from '#api/core/context.ts'
import { DomainError } from '#api/core/errors.ts'
import { pauseOrganization, resumeOrganization } from '#api/domains/organizations/service.ts'
import { aStripe, type StripeRig } from '../../../sandbox/stripe/testing.ts'
import * as queries from './queries.ts'
import {
  adjustWallet,
  grantFunds,
  holdSlice,
  settleHold,
  verifyWallets,
  type WalletFinding,
} from './service.ts'
import { type WalletLab, walletLab } from './testing.ts'
import { followCheckout, followPayment } from './top-ups/credit.ts'
import { followDispute, followRefund } from './top-ups/money-back.ts'

const RUNS = 12 // histories tried, each with payments at the stand-in; a failure prints the seed that repeats it
const SHRINK_MS = 90_000 // a failing history is made smaller for at most this long
const RUN_MS = 120_000 // many histories are one test
const HANDS = 8 // as many at once as a process has connections

let stripeRig: StripeRig
let lab: WalletLab
beforeAll(async () => {
  stripeRig = await aStripe({ workMs: 0 })
  lab = await walletLab(stripeRig)
})
afterAll(async () => {
  await lab.close()
  await stripeRig.close()
})

/** Three payments nobody told us of: two refunds of the first, a dispute of each of the others. */
async function paymentsOf(org: string) {
  const topUps = await Promise.all(
    [90, 150, 210].map((n) => lab.aPaidTopUp(org, { amountCents: n })),
  )
  const [first, second, third] = topUps.map((topUp) => topUp.stripePaymentIntentId)
  const { sdk, standIn } = stripeRig
  const refunds = await Promise.all(
    [30, 55].map((amount) => sdk.refunds.create({ payment_intent: first ?? '', amount })),
  )
  const disputes = [second, third].map((id) => standIn.openDispute(id ?? ''))
  const once = (act: () => void) => {
    let isDone = false
    return () => {
      if (!isDone) act()
      isDone = true
    }
  }
  return {
    topUps,
    takenBack: [
      ...refunds.map(({ id }) => ({
        follow: () => followRefund(lab.ctx(null), id),
        fail: once(() => standIn.failRefund(id)),
      })),
      ...disputes.map(({ id }, n) => ({
        follow: () => followDispute(lab.ctx(null), id),
        fail: once(() => standIn.closeDispute(id, n === 0 ? 'won' : 'lost')),
      })),
    ],
  }
}

const verify = () => asPlatform(lab.ctx(null), verifyWallets)

type Step =
  | { do: 'hold'; call: number; slice: number; seconds: number }
  | { do: 'settle'; call: number; seconds: number }
  | {
      do: 'post'
      kind: 'adjustment' | 'grant' | 'refund' | 'dispute'
      cents: number
      key: number
    }
  | { do: 'pay'; topUp: number; byPayment: boolean }
  | { do: 'take back'; which: number; fails: boolean }
  | { do: 'reprice'; cents: number }
  | { do: 'grant'; cents: number; key: number }
  | { do: 'correct'; call: number; cents: number; key: number }
  | { do: 'pause' }
  | { do: 'resume' }
  /** A process that dies in the middle: what it had done in its transaction was never done. */
  | { do: 'crash'; of: Exclude<Step, { do: 'crash' | 'reprice' | 'pay' | 'take back' }> }

const prices = [0, 1, 2_500, 3_600, 9_999] // cents an hour
const call = fc.nat(3)
const holdStep = fc.record({
  do: fc.constant('hold' as const),
  call,
  slice: fc.integer({ min: 1, max: 4 }),
  seconds: fc.integer({ min: 1, max: 400 }),
})
const settleStep = fc.record({ do: fc.constant('settle' as const), call, seconds: fc.nat(500) })
const plainStep = fc.oneof(
  { weight: 4, arbitrary: holdStep },
  { weight: 2, arbitrary: settleStep },
  fc
    .record({
      do: fc.constant('post' as const),
      kind: fc.constantFrom('adjustment', 'grant', 'refund', 'dispute'),
      cents: fc.integer({ min: 1, max: 300 }),
      key: fc.nat(5),
      isDebit: fc.boolean(),
    })
    .map(({ isDebit, ...post }) => {
      const takes =
        post.kind === 'refund' || post.kind === 'dispute' || (post.kind === 'adjustment' && isDebit)
      return { ...post, cents: takes ? -post.cents : post.cents }
    }),
  fc.record({
    do: fc.constant('grant' as const),
    cents: fc.integer({ min: 1, max: 200 }),
    key: fc.nat(2),
  }),
  fc.record({
    do: fc.constant('correct' as const),
    call,
    cents: fc.integer({ min: -50, max: 50 }).filter((cents) => cents !== 0),
    key: fc.nat(2),
  }),
  fc.record({ do: fc.constantFrom('pause', 'resume') }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: plainStep },
  fc.record({ do: fc.constant('crash' as const), of: plainStep }),
  fc.record({ do: fc.constant('reprice' as const), cents: fc.constantFrom(...prices) }),
  fc.record({ do: fc.constant('pay' as const), topUp: fc.nat(2), byPayment: fc.boolean() }),
  fc.record({ do: fc.constant('take back' as const), which: fc.nat(3), fails: fc.boolean() }),
)
const history = fc.record({
  opening: fc.integer({ min: 1, max: 400 }),
  price: fc.constantFrom(...prices),
  steps: fc.array(step, { minLength: 25, maxLength: 80 }),
})

class Crash extends Error {}
const isInside = (ctx: Context): boolean => 'db' in ctx

test(
  'whatever happens to a wallet in whatever order at once, L1 to L10 hold',
  async () => {
    const seen = {
      admitted: 0,
      refused: 0,
      settled: 0,
      replayed: 0,
      deficits: 0,
      credited: 0,
      takenBack: 0,
      givenBack: 0,
      crashed: 0,
      repriced: 0,
      granted: 0,
      corrected: 0,
      paused: 0,
      resumed: 0,
    }
    await fc.assert(
      fc.asyncProperty(history, async ({ opening, price, steps }) => {
        const org = await lab.t.anOrganization({ balanceCents: opening })
        let priceNow = price
        const stripe = await paymentsOf(org)
        const calls = Array.from({ length: 4 }, () => randomUUIDv7())
        const funded = new Map<string, Set<number>>()
        const charged = new Map<string, Set<number>>()
        const note = (map: Map<string, Set<number>>, key: string, value: number) =>
          map.set(key, (map.get(key) ?? new Set()).add(value))

        const requestIds = Array.from({ length: 3 }, () => randomUUIDv7())
        const perform = async (one: Step, ctx = lab.ctx(org)): Promise<void> => {
          if (one.do === 'reprice') {
            priceNow = one.cents
            seen.repriced++
            return
          }
          if (one.do === 'crash') {
            const dying = inTransaction(lab.ctx(org), async (tx) => {
              await perform(one.of, tx)
              throw new Crash()
            })
            await expect(dying).rejects.toBeInstanceOf(Crash)
            seen.crashed++
            return
          }
          if (one.do === 'pause' || one.do === 'resume') {
            const change = one.do === 'pause' ? pauseOrganization : resumeOrganization
            try {
              await change(ctx, org, 'test')
              seen[one.do === 'pause' ? 'paused' : 'resumed']++
            } catch (error) {
              if (!(error instanceof DomainError)) throw error
              expect(error.code).toBe('organization.status_conflict')
            }
            return
          }
          if (one.do === 'grant' || one.do === 'correct') {
            const requestId = requestIds[one.key]!
            try {
              if (one.do === 'grant') {
                const asked = { requestId, amountCents: one.cents, reason: 'test' }
                await grantFunds(ctx, org, asked)
                seen.granted++
              } else {
                const callId = calls[one.call]!
                const asked = { requestId, amountCents: one.cents, note: 'test', callId }
                await adjustWallet(ctx, org, asked)
                seen.corrected++
              }
            } catch (error) {
              if (!(error instanceof DomainError)) throw error
              expect(['wallet.request_id_reused', 'wallet.insufficient_balance']).toContain(
                error.code,
              )
            }
            return
          }
          if (one.do === 'post') {
            const result = await inTransaction(ctx, (tx) =>
              queries.post(tx.db, org, {
                kind: one.kind,
                amountCents: one.cents,
                businessKey: `${one.kind}:${one.key}`,
                actorId: 'test',
                explanation: {},
              }),
            )
            if (result.deficit_cents > 0) seen.deficits++
            return
          }
          if (one.do === 'pay') {
            const { stripeSessionId, stripePaymentIntentId } = stripe.topUps[one.topUp]!
            const outcome = one.byPayment
              ? await followPayment(lab.ctx(null), stripePaymentIntentId)
              : await followCheckout(lab.ctx(null), stripeSessionId)
            if (outcome === 'credited') seen.credited++
            return
          }
          if (one.do === 'take back') {
            const back = stripe.takenBack[one.which]!
            if (one.fails) back.fail()
            const outcome = await back.follow()
            if (outcome === 'debited') seen.takenBack++
            if (outcome === 'given back') seen.givenBack++
            return
          }
          const callId = calls[one.call]!
          if (one.do === 'settle') {
            const result = await settleHold(ctx, { callId, billableSeconds: one.seconds })
            if (result.status === 'no hold') return
            // What a crash undid was told to nobody.
            if (isInside(ctx)) return
            if (result.status === 'settled') seen.settled++
            note(charged, callId, result.capturedCents)
            return
          }
          try {
            const held = await holdSlice(ctx, {
              callId,
              pricePerHourCents: priceNow,
              priceId: null,
              slice: one.slice,
              totalSeconds: one.seconds,
              minimumSeconds: 10,
            })
            if (isInside(ctx)) return
            seen.admitted++
            if (held.status === 'held already') seen.replayed++
            // A slice that moved money answers the same to whoever asks again.
            if (held.heldCents > 0) note(funded, `${callId}:${one.slice}`, held.fundedSeconds)
          } catch (error) {
            if (!(error instanceof DomainError)) throw error
            expect(['wallet.insufficient_balance', 'wallet.hold_settled']).toContain(error.code)
            seen.refused++
          }
        }
        const waiting = [...steps]
        const hand = async () => {
          for (let one = waiting.shift(); one; one = waiting.shift()) await perform(one)
        }
        await Promise.all(Array.from({ length: HANDS }, hand))

        for (const answers of [...funded.values(), ...charged.values()])
          expect(answers.size).toBe(1)
        expect((await verify()).filter((finding) => finding.organizationId === org)).toEqual([])
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: SHRINK_MS, markInterruptAsFailure: true },
    )
    // A run in which nothing happened would prove nothing.
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0)
  },
  RUN_MS,
)

test('two wallets never mix, however their calls interleave', async () => {
  const orgs = await Promise.all(
    [1, 2, 3].map((n) => lab.t.anOrganization({ balanceCents: n * 100 })),
  )
  const callId = randomUUIDv7() // the same id everywhere: only the tenant tells them apart
  const ask = { callId, pricePerHourCents: 3_600, priceId: null, minimumSeconds: 1 }
  await Promise.all(
    [1, 2, 3, 4].flatMap((n) =>
      orgs.map((org) => holdSlice(lab.ctx(org), { ...ask, slice: n, totalSeconds: n * 20 })),
    ),
  )
  const settled = await Promise.all(
    orgs.map((org, i) => settleHold(lab.ctx(org), { callId, billableSeconds: i + 1 })),
  )
  expect(settled.map((s) => s.capturedCents)).toEqual([1, 2, 3])
  expect(await verify()).toEqual([])
})

test('of a hundred calls on money for ten, with credits and debits in between, as many run as there is money for', async () => {
  const SLICE = 60
  const org = await lab.t.anOrganization({ balanceCents: 10 * SLICE })
  const ask = { pricePerHourCents: 3_600, priceId: null, minimumSeconds: SLICE }
  const moves = [SLICE, -SLICE, 3 * SLICE + 7, -2 * SLICE, 5 * SLICE, -13, 25, SLICE]
  let areMovesOver = false
  const move = async () => {
    for (const cents of moves) {
      const asked = { requestId: randomUUIDv7(), amountCents: cents, note: 'in between' }
      await adjustWallet(lab.ctx(org), org, asked).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error
      })
    }
    areMovesOver = true
  }
  /** Tries again until nothing more can come. */
  const aCall = async (): Promise<boolean> => {
    for (const callId = randomUUIDv7(); ; ) {
      const isLast = areMovesOver
      try {
        await holdSlice(lab.ctx(org), { ...ask, callId, slice: 1, totalSeconds: SLICE })
        return true
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        if (isLast) return false
      }
    }
  }
  const [, ...calls] = await Promise.all([move(), ...Array.from({ length: 100 }, aCall)])
  const admitted = calls.filter((isAdmitted) => isAdmitted).length

  const lines = await lab.t.query<{
    kind: string
    amount_cents: number
    balance_after_cents: number
    held_after_cents: number
  }>(
    'app',
    'select kind, amount_cents, balance_after_cents, held_after_cents from ledger_entries order by sequence',
    [],
    org,
  )
  let running = 0
  for (const line of lines) {
    if (line.kind === 'hold') running++
    expect(line.held_after_cents).toBe(running * SLICE)
    expect(running).toBeLessThanOrEqual(Math.floor(line.balance_after_cents / SLICE))
  }
  expect(running).toBe(admitted)
  expect(admitted).toBe(Math.floor((lines.at(-1)?.balance_after_cents ?? 0) / SLICE))
  expect(admitted).toBeGreaterThan(10)
  expect(lines.filter(({ kind }) => kind === 'adjustment').length).toBeGreaterThan(3)
  expect((await verify()).filter((finding) => finding.organizationId === org)).toEqual([])
})

// Each spoils one organization's books in the way its row is there to find.
const line = (change: string) =>
  `update ledger_entries set ${change} where organization_id = $1 and sequence = 2`
test.each([
  ['L1', 'update wallets set balance_cents = balance_cents + 1 where organization_id = $1'],
  ['L1', 'update wallets set deficit_cents = 1 where organization_id = $1'],
  ['L1', line('balance_after_cents = balance_after_cents - 1')],
  ['L2', `update wallets set held_cents = held_cents + 1 where organization_id = $1`],
  [
    'L2',
    `update holds set state = 'settled', settled_at = now(), billed_seconds = 0 where organization_id = $1 and state = 'open'`,
  ],
  ['L3', 'update wallets set held_cents = balance_cents + 1 where organization_id = $1'],
  ['L4', `delete from ledger_entries where organization_id = $1 and kind = 'hold'`],
  [
    'L4',
    `delete from ledger_entries where organization_id = $1 and kind in ('capture', 'release')`,
  ],
  ['L4', 'delete from holds where organization_id = $1'],
  ['L6', line(`currency = 'eur'`)],
  ['L7', line(`kind = 'top_up', from_account = 'payments', to_account = 'available'`)],
  ['L7', `update top_ups set received_cents = received_cents + 1 where organization_id = $1`],
  ['L7', `update top_ups set state = 'failed', received_cents = null where organization_id = $1`],
  ['L8', line(`business_key = 'call:somebody:hold:1'`)],
  ['L9', line('sequence = 900')],
  ['L9', 'update wallets set entry_sequence = entry_sequence + 1 where organization_id = $1'],
  ['L10', 'update holds set funded_seconds = funded_seconds + 100 where organization_id = $1'],
  [
    'L10',
    `update holds set billed_seconds = billed_seconds - 10 where organization_id = $1 and state = 'settled'`,
  ],
])('%s is found when it is broken by: %s', async (row, spoil) => {
  const org = await lab.t.anOrganization({ balanceCents: 1_000 })
  const ctx = lab.ctx(org)
  const { stripeSessionId } = await lab.aPaidTopUp(org)
  for (const seconds of [40, null]) {
    const callId = randomUUIDv7()
    const ask = { callId, pricePerHourCents: 3_600, priceId: null, slice: 1, minimumSeconds: 10 }
    await holdSlice(ctx, { ...ask, totalSeconds: 60 })
    if (seconds) await settleHold(ctx, { callId, billableSeconds: seconds })
  }
  await followCheckout(lab.ctx(null), stripeSessionId)
  const mine = (findings: WalletFinding[]) => findings.filter((f) => f.organizationId === org)
  expect(mine(await verify())).toEqual([])

  await lab.t.query('admin', `alter table ledger_entries disable trigger user`)
  await lab.t.query(
    'admin',
    `alter table wallets drop constraint if exists wallets_held_within_balance`,
  )
  await lab.t.query('admin', spoil, [org])
  await lab.t.query('admin', `alter table ledger_entries enable trigger user`)
  expect(mine(await verify()).map((finding) => finding.row)).toContain(row)
})

test('L5 is found when the trigger is off or a role may change lines', async () => {
  const rows = async () => (await verify()).map((finding) => finding.row)
  expect(await rows()).not.toContain('L5')
  await lab.t.query('admin', 'alter table ledger_entries disable trigger ledger_entries_only_grow')
  expect(await rows()).toContain('L5')
  await lab.t.query('admin', 'alter table ledger_entries enable trigger ledger_entries_only_grow')
  await lab.t.query('admin', 'grant update on ledger_entries to voxcalls_app')
  expect(await rows()).toContain('L5')
  await lab.t.query('admin', 'revoke update on ledger_entries from voxcalls_app')
  expect(await rows()).not.toContain('L5')
})
