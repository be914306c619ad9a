import { expect, test } from 'vitest'
import { countryOfNumber, factsOfNumber, knownCountries } from './number-plan.ts'
import { northAmericanPlan, northAmericanSpecialCodes, worldPlan } from './number-plan-data.ts'

test.each([
  ['+493012345678', 'DE', ['Europe/Berlin']],
  ['+442079460000', 'GB', ['Europe/London']],
  ['+441534600000', 'JE', ['Europe/Jersey']],
  ['+12125550123', 'US', ['America/New_York']],
  ['+16045550123', 'CA', expect.arrayContaining(['America/Vancouver', 'America/Edmonton'])],
  ['+18765550123', 'JM', ['America/Jamaica']],
  ['+12085550123', 'US', ['America/Denver', 'America/Los_Angeles']],
  ['+77271234567', 'KZ', expect.arrayContaining(['Asia/Almaty'])],
  ['+818012345678', 'JP', ['Asia/Tokyo']],
  ['+34912345678', 'ES', ['Europe/Madrid', 'Atlantic/Canary']],
])('%s rings in %s', (number, country, zones) => {
  expect(factsOfNumber(number)).toEqual({ country, zones, isSpecial: false })
})

test('Russia may mean any hour between Kaliningrad and Kamchatka', () => {
  expect(factsOfNumber('+74951234567')?.zones).toEqual(
    expect.arrayContaining(['Europe/Kaliningrad', 'Europe/Moscow', 'Asia/Kamchatka']),
  )
})

test.each([
  '+19005550123', // premium rate
  '+15005550123', // personal
  '+12129765012', // the premium exchange of an area
  '+499001234567',
  '+491801234567',
  '+447012345678',
  '+449012345678',
  '+33899123456',
  '+34803123456',
  '+870123456789', // Inmarsat
  '+881612345678', // satellites
  '+979123456789', // premium rate of the world
])('%s costs more than a call', (number) => {
  expect(factsOfNumber(number)?.isSpecial).toBe(true)
})

test.each([
  '',
  '2125550123',
  '+1212555012', // a digit short
  '+121255501234', // a digit more
  '+11125550123', // no area begins with 1
  '+12121550123', // no exchange begins with 1
  '+12115550123', // nobody has that area code
  '+1 212 555 0123',
  '+0301234567',
  '+210123456789', // no country has that code
  '+4930', // too short
  `+49${'1'.repeat(14)}`,
  '+١٢٣٤٥٦٧٨٩٠',
])('%j is no number that can be dialled', (number) => {
  expect(factsOfNumber(number)).toBeUndefined()
})

test('every zone named is one this runtime knows, and every country is there once', () => {
  const zones = `${worldPlan}${northAmericanPlan}`.match(/\b[A-Z]\w+\/[\w/-]+/g) ?? []
  expect(zones.length).toBeGreaterThan(200)
  for (const timeZone of zones)
    expect(() => new Intl.DateTimeFormat('en', { timeZone }), timeZone).not.toThrow()
  expect(knownCountries.length).toBeGreaterThan(220)
  for (const country of knownCountries) expect(country).toMatch(/^[A-Z]{2}$/)
})

test('an area code stands in one place', () => {
  const codes = [...northAmericanPlan.matchAll(/\b\d{3}\b/g)].map(([code]) => code)
  codes.push(...northAmericanSpecialCodes)
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
})

test('the country of a number of ours is known even where its area code is of a test line', () => {
  expect(countryOfNumber('+15550100001')).toBe('US')
  expect(countryOfNumber('+493012345678')).toBe('DE')
  expect(countryOfNumber('+979123456789')).toBeNull()
})
