import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costCents, priceOfKind, usedPercent } from './pricing.ts'

test('a started cent is a whole one', () => {
  expect(costCents(3600, 60)).toBe(60)
  expect(costCents(2500, 1)).toBe(1)
  expect(costCents(2500, 60)).toBe(42)
  expect(costCents(0, 3600)).toBe(0)
})

test('the cost is the exact integer formula for every price and length that can occur', () => {
  const price = fc.integer({ min: 0, max: 100_000_000 })
  const seconds = fc.integer({ min: 0, max: 604_800 })
  fc.assert(
    fc.property(price, seconds, (pricePerHour, length) => {
      const exact = (BigInt(pricePerHour) * BigInt(length) + 3599n) / 3600n
      expect(BigInt(costCents(pricePerHour, length))).toBe(exact)
    }),
  )
})

test('a longer call never costs less', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(14_400), fc.nat(14_400), (price, a, b) => {
      expect(costCents(price, a + b)).toBeGreaterThanOrEqual(costCents(price, a))
    }),
  )
})

test('the used share is between nothing and all of it', () => {
  expect(usedPercent(1000, 1000)).toBe(0)
  expect(usedPercent(1000, 200)).toBe(80)
  expect(usedPercent(1000, 201)).toBe(79)
  expect(usedPercent(1000, 0)).toBe(100)
  expect(usedPercent(0, 0)).toBe(100)
  expect(usedPercent(1000, 1500)).toBe(0)
})

test('practice costs its share of the price, everything else all of it', () => {
  const price = { pricePerHourCents: 2501, mockPricePercent: 50 }
  expect(priceOfKind(price, 'mock')).toBe(1251)
  expect(priceOfKind({ ...price, mockPricePercent: 0 }, 'mock')).toBe(0)
  expect(priceOfKind(price, 'agent')).toBe(2501)
})
