import { expect, test } from 'vitest'
import { type Clocks, compareClocks, marginOf } from './compare.ts'

const SETTLED = new Date('2026-11-01T12:00:00Z')
const SOON = new Date('2026-11-01T12:10:00Z')
const LATE = new Date('2026-11-02T12:00:00Z')

const call = (over: Partial<Clocks> = {}): Clocks => ({
  carrierSeconds: 62,
  elevenLabsSeconds: 61,
  gatewaySeconds: 60,
  billedSeconds: 60,
  chargedCents: 60,
  vendorCostMicroUsd: 100_000,
  pricePerHourCents: 3_600,
  currency: 'usd',
  reason: 'caller_hung_up',
  resumes: 0,
  hasCarrier: true,
  hasConversation: true,
  settledAt: SETTLED,
  ...over,
})
const found = (over: Partial<Clocks>, now = SOON) =>
  compareClocks(call(over), now).map(({ kind, cause }) => `${kind} ${cause}`)

test('clocks that agree as far as they can are nothing to tell', () => {
  expect(found({}, LATE)).toEqual([])
  expect(found({ carrierSeconds: 65, elevenLabsSeconds: 50 })).toEqual([])
})

test.each<[string, Partial<Clocks>]>([
  ['carrier_longer unexplained', { carrierSeconds: 66 }],
  ['carrier_longer gateway_lost', { carrierSeconds: 90, reason: 'owner_lost' }],
  ['carrier_longer stream_taken_over', { carrierSeconds: 90, resumes: 1 }],
  ['charged_beyond_carrier unexplained', { carrierSeconds: 54 }],
  ['conversation_longer unexplained', { elevenLabsSeconds: 71 }],
  ['conversation_shorter stream_taken_over', { elevenLabsSeconds: 20, resumes: 2 }],
  ['seconds_unpaid funds_exhausted', { billedSeconds: 57, reason: 'funds_exhausted' }],
  ['below_cost price_below_cost', { vendorCostMicroUsd: 610_000 }],
  ['below_cost free_call', { chargedCents: 0, pricePerHourCents: 0 }],
])('%s', (told, over) => {
  expect(found(over)).toEqual([told])
})

test('a call that was never served and yet took carrier time is told', () => {
  const over = { gatewaySeconds: 0, billedSeconds: 0, chargedCents: 0, hasConversation: false }
  expect(found({ ...over, carrierSeconds: 12, vendorCostMicroUsd: null })).toEqual([
    'carrier_longer never_served',
  ])
})

test('what nobody told is unknown, never nothing: compared with nothing, and asked for after a day', () => {
  const unknown = { carrierSeconds: null, elevenLabsSeconds: null, vendorCostMicroUsd: null }
  expect(found(unknown)).toEqual([])
  expect(found(unknown, LATE)).toEqual([
    'carrier_unknown not_reported',
    'conversation_unknown not_reported',
    'cost_unknown not_rated',
  ])
  expect(found({ gatewaySeconds: null })).toEqual([])
  expect(found({ ...unknown, hasCarrier: false, hasConversation: false }, LATE)).toEqual([])
})

test('the margin is unknown where the cost is, and in another currency than the vendors’', () => {
  expect(marginOf(call())).toBe(50)
  expect(marginOf(call({ vendorCostMicroUsd: null }))).toBeNull()
  expect(marginOf(call({ currency: 'eur', vendorCostMicroUsd: 900_000 }))).toBeNull()
  expect(found({ currency: 'eur', vendorCostMicroUsd: 900_000 })).toEqual([])
})
