import { afterAll, beforeAll, expect, test } from 'vitest'
import { asPlatform, type Context } from '#api/core/context.ts'
import { createLogger } from '#api/core/log.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { markHandled, rememberDelivery } from './service.ts'

let t: TestDatabase
let ctx: Context
beforeAll(async () => {
  t = await testDatabase()
  ctx = {
    database: t.database,
    actor: { kind: 'webhook', vendor: 'clerk' },
    organizationId: null,
    requestId: 'test',
    log: createLogger({ name: 'test', level: 'silent' }),
    now: () => new Date(),
    // The inbox sends nothing and asks nobody.
  } as Context
})
afterAll(() => t.close())

const remember = (id: string) =>
  asPlatform(ctx, (tx) =>
    rememberDelivery(tx, 'clerk', id, 'user.created', { clerkUserId: 'user_1' }),
  )
const handle = (id: string) =>
  asPlatform(ctx, async (tx) => {
    const seen = await rememberDelivery(tx, 'clerk', id, 'user.created', { clerkUserId: 'user_1' })
    if (seen === 'first') await markHandled(tx, 'clerk', id, 'synced')
    return seen
  })

test('a delivery that was handled comes again as again', async () => {
  expect(await handle('evt_1')).toBe('first')
  expect(await handle('evt_1')).toBe('again')
  const [row] = await t.query<{ attempts: number; outcome: string }>(
    'platform',
    `select attempts, outcome from webhook_deliveries where delivery_id = 'evt_1'`,
  )
  expect(row).toEqual({ attempts: 2, outcome: 'synced' })
})

test('a delivery that was begun and never handled counts as first once more', async () => {
  expect(await remember('evt_2')).toBe('first')
  expect(await handle('evt_2')).toBe('first')
  expect(await remember('evt_2')).toBe('again')
})

test('of many arrivals at once one is handled', async () => {
  const seen = await Promise.all(Array.from({ length: 6 }, () => handle('evt_3')))
  expect(seen.filter((outcome) => outcome === 'first')).toHaveLength(1)
})

test('one id of two vendors is two deliveries', async () => {
  await handle('evt_4')
  const other = asPlatform(ctx, (tx) => rememberDelivery(tx, 'stripe', 'evt_4', 'x', {}))
  expect(await other).toBe('first')
})

test('a handling that is undone was none', async () => {
  const failing = asPlatform(ctx, async (tx) => {
    await rememberDelivery(tx, 'clerk', 'evt_5', 'x', {})
    await markHandled(tx, 'clerk', 'evt_5', 'synced')
    throw new Error('died')
  })
  await expect(failing).rejects.toThrow('died')
  expect(await remember('evt_5')).toBe('first')
})
