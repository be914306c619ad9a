import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, inTransaction } from '#api/core/context.ts'
import { runInTransaction } from '#db/client.ts'
import {
  adjustWallet,
  changePrice,
  currentPrice,
  getWallet,
  getWalletStatus,
  holdSlice,
  listEntries,
  openWallet,
  settleHold,
  tellExhausted,
  verifyWallets,
} from './service.ts'
import { type WalletLab, walletLab } from './testing.ts'

const CENT_A_SECOND = 3600 // so that seconds and cents read the same

let lab: WalletLab
beforeAll(async () => {
  lab = await walletLab()
})
afterAll(async () => {
  // Whatever the tests of this file did, the books are right.
  expect(await asPlatform(lab.ctx(null), verifyWallets)).toEqual([])
  await lab.close()
})

const organization = (balanceCents: number) => lab.t.anOrganization({ balanceCents })
const slice = (
  organizationId: string,
  callId: string,
  more: Partial<Parameters<typeof holdSlice>[1]> = {},
) =>
  holdSlice(lab.ctx(organizationId), {
    callId,
    pricePerHourCents: CENT_A_SECOND,
    priceId: null,
    slice: 1,
    totalSeconds: 60,
    minimumSeconds: 10,
    ...more,
  })
const settle = (organizationId: string, callId: string, billableSeconds: number) =>
  settleHold(lab.ctx(organizationId), { callId, billableSeconds })
const money = async (organizationId: string) => {
  const { balanceCents, heldCents, availableCents } = await getWallet(lab.ctx(organizationId))
  return { balanceCents, heldCents, availableCents }
}
const lines = async (organizationId: string) => {
  const { items } = await listEntries(lab.ctx(organizationId), { limit: 100 })
  return items.reverse().map(({ kind, amountCents }) => `${kind} ${amountCents}`)
}

test('a call holds slices, is charged for its seconds and gives the rest back', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  expect(await slice(org, call)).toEqual({
    fundedSeconds: 60,
    affordableSeconds: 1_000,
    heldCents: 60,
    status: 'held',
  })
  expect(await slice(org, call, { slice: 2, totalSeconds: 120 })).toMatchObject({
    fundedSeconds: 120,
  })
  expect(await money(org)).toEqual({ balanceCents: 1_000, heldCents: 120, availableCents: 880 })

  expect(await settle(org, call, 75)).toEqual({
    status: 'settled',
    billedSeconds: 75,
    capturedCents: 75,
    releasedCents: 45,
  })
  expect(await money(org)).toEqual({ balanceCents: 925, heldCents: 0, availableCents: 925 })
  expect(await lines(org)).toEqual(['grant 1000', 'hold 60', 'hold 60', 'capture 75', 'release 45'])
})

test('slices never cost more than the call as a whole, however they are rounded', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  for (let n = 1; n <= 10; n++)
    await slice(org, call, { slice: n, totalSeconds: n * 7, pricePerHourCents: 2_500 })
  // ceil(2500 x 70 / 3600) is 49; ten slices rounded on their own would be 50.
  expect((await money(org)).heldCents).toBe(49)
  expect(await settle(org, call, 70)).toMatchObject({ capturedCents: 49, releasedCents: 0 })
})

test('every line says what it is made of', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  const priceId = randomUUIDv7()
  await slice(org, call, { pricePerHourCents: 2_500, priceId })
  await settle(org, call, 31)
  const { items } = await listEntries(lab.ctx(org), { limit: 3, callId: call })
  expect(items.map((line) => line.explanation)).toMatchObject([
    { measuredSeconds: 31, billedSeconds: 31, unroundedCents: '21.527778', priceId },
    { measuredSeconds: 31, billedSeconds: 31, heldCents: 42, slices: 1, pricePerHourCents: 2_500 },
    { slice: 1, seconds: 60, fundedSeconds: 60, unroundedCents: '41.666667', priceId },
  ])
})

test('the last slice is funded in part when the money is short, and says so once', async () => {
  const org = await organization(100)
  const call = randomUUIDv7()
  await slice(org, call)
  const last = await slice(org, call, { slice: 2, totalSeconds: 120 })
  expect(last).toMatchObject({ fundedSeconds: 100, heldCents: 40 })
  const next = slice(org, call, { slice: 3, totalSeconds: 180 })
  await expect(next).rejects.toMatchObject({ code: 'wallet.insufficient_balance', status: 402 })
  expect(await lab.told(org)).toEqual([{ name: 'testing.exhausted', organizationId: org }])
})

test('a part smaller than the minimum is no slice and leaves no line', async () => {
  const org = await organization(69)
  const call = randomUUIDv7()
  await slice(org, call)
  const next = slice(org, call, { slice: 2, totalSeconds: 120 })
  await expect(next).rejects.toMatchObject({ code: 'wallet.insufficient_balance' })
  expect(await lines(org)).toEqual(['grant 69', 'hold 60'])
  expect(await settle(org, call, 60)).toMatchObject({ capturedCents: 60 })
})

test('a refused hold in somebody’s transaction undoes that transaction', async () => {
  const org = await organization(5)
  const work = inTransaction(lab.ctx(org), async (tx) => {
    await runInTransaction(tx.db, `update organizations set name = 'Changed'`, [])
    await holdSlice(tx, {
      callId: randomUUIDv7(),
      pricePerHourCents: CENT_A_SECOND,
      priceId: null,
      slice: 1,
      totalSeconds: 60,
      minimumSeconds: 10,
    })
  })
  await expect(work).rejects.toMatchObject({ status: 402 })
  const named = await lab.t.query('app', 'select name from organizations', [], org)
  expect(named).toEqual([{ name: 'Test organization' }])
})

test('a refusal that was undone with its transaction can be told afterwards, once', async () => {
  const org = await organization(65)
  const call = randomUUIDv7()
  await slice(org, call)
  const refused = inTransaction(lab.ctx(org), (tx) =>
    holdSlice(tx, {
      callId: call,
      pricePerHourCents: CENT_A_SECOND,
      priceId: null,
      slice: 2,
      totalSeconds: 120,
      minimumSeconds: 10,
    }),
  )
  await expect(refused).rejects.toMatchObject({ status: 402 })
  expect(await lab.told(org)).toEqual([])
  await Promise.all([1, 2, 3].map(() => tellExhausted(lab.ctx(org))))
  expect(await lab.told(org)).toEqual([{ name: 'testing.exhausted', organizationId: org }])
})

test('a slice asked for again gives what it gave, and holds nothing more', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  const all = await Promise.all(Array.from({ length: 8 }, () => slice(org, call)))
  expect(all.map((held) => held.fundedSeconds)).toEqual(Array(8).fill(60))
  expect(all.filter((held) => held.status === 'held')).toHaveLength(1)
  await slice(org, call, { slice: 2, totalSeconds: 120 })
  expect(await slice(org, call)).toMatchObject({
    fundedSeconds: 60,
    heldCents: 60,
    status: 'held already',
  })
  expect((await money(org)).heldCents).toBe(120)
})

test('a late request for less than is funded changes nothing', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  await slice(org, call, { slice: 2, totalSeconds: 120 })
  expect(await slice(org, call, { slice: 1, totalSeconds: 60 })).toMatchObject({
    fundedSeconds: 120,
  })
  expect(await lines(org)).toEqual(['grant 1000', 'hold 120'])
})

test('a call keeps the price it started with', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  await slice(org, call)
  await slice(org, call, { slice: 2, totalSeconds: 120, pricePerHourCents: 9 * CENT_A_SECOND })
  expect((await money(org)).heldCents).toBe(120)
})

test('a call is settled once, however often and at once it is asked', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  await slice(org, call)
  const all = await Promise.all([30, 45, 30, 60, 30, 30].map((s) => settle(org, call, s)))
  expect(all.filter((s) => s.status === 'settled')).toHaveLength(1)
  expect(new Set(all.map((s) => s.capturedCents)).size).toBe(1)
  expect(await settle(org, call, 59)).toEqual({ ...all[0], status: 'settled already' })
})

test('a settled call can hold no more', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  await slice(org, call)
  await settle(org, call, 10)
  const late = slice(org, call, { slice: 2, totalSeconds: 120 })
  await expect(late).rejects.toMatchObject({ code: 'wallet.hold_settled', status: 409 })
  const again = slice(org, call)
  await expect(again).rejects.toMatchObject({ code: 'wallet.hold_settled' })
})

test('nobody pays for seconds that were never funded', async () => {
  const org = await organization(1_000)
  const call = randomUUIDv7()
  await slice(org, call)
  expect(await settle(org, call, 5_000)).toEqual({
    status: 'settled',
    billedSeconds: 60,
    capturedCents: 60,
    releasedCents: 0,
  })
})

test('a call that never spoke gets all of it back, one without a hold has nothing to settle', async () => {
  const org = await organization(100)
  const call = randomUUIDv7()
  await slice(org, call)
  expect(await settle(org, call, 0)).toMatchObject({ capturedCents: 0, releasedCents: 60 })
  expect(await settle(org, randomUUIDv7(), 30)).toMatchObject({
    status: 'no hold',
    capturedCents: 0,
  })
  expect(await money(org)).toEqual({ balanceCents: 100, heldCents: 0, availableCents: 100 })
})

test('a call at no price holds nothing, takes nothing and still leaves a settled record', async () => {
  const org = await organization(0)
  const call = randomUUIDv7()
  const free = { pricePerHourCents: 0 }
  expect(await slice(org, call, free)).toMatchObject({ fundedSeconds: 60, heldCents: 0 })
  expect(await settle(org, call, 45)).toMatchObject({ status: 'settled', billedSeconds: 45 })
  expect(await lines(org)).toEqual(['hold 0', 'capture 0'])
})

test('of a hundred calls at once on money for ten exactly ten are admitted', async () => {
  const org = await organization(600)
  const asked = Array.from({ length: 100 }, () => randomUUIDv7())
  const outcomes = await Promise.allSettled(
    asked.map((call) => slice(org, call, { minimumSeconds: 60 })),
  )
  const admitted = outcomes.filter((o) => o.status === 'fulfilled')
  expect(admitted).toHaveLength(10)
  for (const o of outcomes)
    if (o.status === 'rejected')
      expect(o.reason).toMatchObject({ code: 'wallet.insufficient_balance' })
  expect(await money(org)).toEqual({ balanceCents: 600, heldCents: 600, availableCents: 0 })
})

test('80 and 95 percent are told once each, and again after a credit', async () => {
  const org = await organization(100)
  const use = async (seconds: number) => {
    const call = randomUUIDv7()
    await slice(org, call, { totalSeconds: seconds })
    await settle(org, call, seconds)
  }
  const low = (usedPercent: number) => ({ name: 'testing.low', organizationId: org, usedPercent })
  await use(79)
  expect(await lab.told(org)).toEqual([])
  await use(1)
  await use(1)
  expect(await lab.told(org)).toEqual([low(80)])
  await use(15)
  expect(await lab.told(org)).toEqual([low(80), low(95)])
  await adjustWallet(lab.ctx(null), org, {
    requestId: randomUUIDv7(),
    amountCents: 96,
    note: 'more money',
  })
  await use(97)
  expect(await lab.told(org)).toEqual([low(80), low(95), low(95)])
})

test('an adjustment is posted once for its request id, and audited once', async () => {
  const org = await organization(0)
  const adjustment = { requestId: randomUUIDv7(), amountCents: 500, note: 'a welcome' }
  const admin = lab.ctx(null, {
    kind: 'user',
    userId: randomUUIDv7(),
    email: 'root@example.test',
    platformRole: 'super_admin',
    membership: null,
  })
  const answers = await Promise.all([1, 2, 3].map(() => adjustWallet(admin, org, adjustment)))
  expect(answers.map((wallet) => wallet.balanceCents)).toEqual([500, 500, 500])
  expect(await lines(org)).toEqual(['adjustment 500'])
  const audited = await lab.t.query('app', 'select action, after from audit_entries', [], org)
  expect(audited).toMatchObject([{ action: 'wallet.adjust', after: { amountCents: 500 } }])

  const reused = adjustWallet(admin, org, { ...adjustment, amountCents: 501 })
  await expect(reused).rejects.toMatchObject({ code: 'wallet.request_id_reused', status: 409 })
})

test('a debit by hand never takes what running calls hold', async () => {
  const org = await organization(100)
  await slice(org, randomUUIDv7())
  const debit = (amountCents: number) =>
    adjustWallet(lab.ctx(null), org, { requestId: randomUUIDv7(), amountCents, note: 'taken back' })
  await expect(debit(-41)).rejects.toMatchObject({
    code: 'wallet.insufficient_balance',
    status: 402,
  })
  expect(await debit(-40)).toMatchObject({ balanceCents: 60, heldCents: 60, availableCents: 0 })
})

test('an adjustment of nothing and one of nobody are refused', async () => {
  const org = await organization(0)
  const adjust = (organizationId: string, amountCents: number) =>
    adjustWallet(lab.ctx(null), organizationId, {
      requestId: randomUUIDv7(),
      amountCents,
      note: 'why',
    })
  await expect(adjust(org, 0)).rejects.toMatchObject({ code: 'wallet.nothing_to_adjust' })
  await expect(adjust(randomUUIDv7(), 5)).rejects.toMatchObject({ code: 'request.not_found' })
})

test('a dispute takes what is free, the rest is a deficit that blocks calls until it is repaid', async () => {
  const org = await organization(100)
  const running = randomUUIDv7()
  await slice(org, running)
  const post = (kind: string, cents: number, key: string) =>
    lab.t.query<{ status: string; deficit_cents: number; balance_cents: number }>(
      'app',
      `select * from wallet_post($1, $2, $3, $4, null, '{}')`,
      [org, kind, cents, key],
      org,
    )
  const [disputed] = await post('dispute', -150, 'dispute:1')
  expect(disputed).toMatchObject({ status: 'ok', balance_cents: 60, deficit_cents: 110 })
  expect((await post('dispute', -150, 'dispute:1'))[0]).toMatchObject({
    status: 'replayed',
    deficit_cents: 110,
  })
  expect((await post('dispute', -151, 'dispute:1'))[0]).toMatchObject({ status: 'mismatch' })

  expect(await settle(org, running, 10)).toMatchObject({ capturedCents: 10, releasedCents: 50 })
  expect(await getWalletStatus(lab.ctx(org))).toEqual({ status: 'exhausted' })
  // 50 cents are free, and still no new call starts.
  const fresh = slice(org, randomUUIDv7(), { totalSeconds: 20 })
  await expect(fresh).rejects.toMatchObject({ code: 'wallet.insufficient_balance' })

  expect((await post('grant', 200, 'grant:1'))[0]).toMatchObject({
    deficit_cents: 0,
    balance_cents: 140,
  })
  expect(await slice(org, randomUUIDv7())).toMatchObject({ fundedSeconds: 60 })
  expect(await lines(org)).toContain('grant 110')
})

test('the wallet’s status says whether a call could start, without an amount', async () => {
  const org = await organization(1_000)
  expect(await getWalletStatus(lab.ctx(org))).toEqual({ status: 'available' })
  const call = randomUUIDv7()
  await slice(org, call, { totalSeconds: 850 })
  await settle(org, call, 850)
  expect(await getWalletStatus(lab.ctx(org))).toEqual({ status: 'low' })
  await slice(org, randomUUIDv7(), { totalSeconds: 150 })
  expect(await getWalletStatus(lab.ctx(org))).toEqual({ status: 'exhausted' })
})

test('lines are paged newest first without losing or repeating one', async () => {
  const org = await organization(1_000)
  for (let i = 0; i < 3; i++) {
    const call = randomUUIDv7()
    await slice(org, call)
    await settle(org, call, 30)
  }
  const seen: number[] = []
  let cursor: string | undefined
  do {
    const page = await listEntries(lab.ctx(org), { limit: 3, ...(cursor && { cursor }) })
    seen.push(...page.items.map((line) => line.sequence))
    cursor = page.nextCursor ?? undefined
  } while (cursor && seen.length < 50)
  expect(seen).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
})

test('a price counts from its moment, and practice costs its share', async () => {
  const org = await organization(0)
  const ctx = lab.ctx(org)
  const tomorrow = new Date(Date.now() + 86_400_000)
  const before = await currentPrice(ctx, new Date(), 'agent')
  const { id: priceId } = await changePrice(lab.ctx(null), {
    pricePerHourCents: 4_000,
    mockPricePercent: 25,
    effectiveFrom: tomorrow,
    reason: 'a test',
  })
  expect(await currentPrice(ctx, new Date(), 'agent')).toEqual(before)
  expect(await currentPrice(ctx, tomorrow, 'agent')).toEqual({ priceId, pricePerHourCents: 4_000 })
  expect(await currentPrice(ctx, tomorrow, 'mock')).toEqual({ priceId, pricePerHourCents: 1_000 })
  await expect(currentPrice(ctx, new Date(0), 'agent')).rejects.toMatchObject({
    code: 'wallet.no_price',
  })
})

test('opening a wallet again changes nothing', async () => {
  const org = await organization(70)
  await inTransaction(lab.ctx(org), (tx) => openWallet(tx, org))
  expect((await money(org)).balanceCents).toBe(70)
})

test('a connection lost in the middle of a settlement leaves all or nothing of it', async () => {
  const org = await organization(100)
  const call = randomUUIDv7()
  await slice(org, call)
  const dying = inTransaction(lab.ctx(org), async (tx) => {
    await settleHold(tx, { callId: call, billableSeconds: 20 })
    const [row] = await runInTransaction<{ pid: number }>(
      tx.db,
      'select pg_backend_pid() as pid',
      [],
    )
    await lab.t.query('admin', 'select pg_terminate_backend($1, 5000)', [row?.pid])
    await runInTransaction(tx.db, 'select 1', [])
  })
  await expect(dying).rejects.toMatchObject({ status: 503 })
  expect(await money(org)).toEqual({ balanceCents: 100, heldCents: 60, availableCents: 40 })
  expect(await settle(org, call, 20)).toMatchObject({ status: 'settled', capturedCents: 20 })
})
