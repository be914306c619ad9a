import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatMs } from './duration.ts'
import { formatMoney } from './money.ts'
import { formatPhone } from './phone.ts'
import { addDays, dayIn, formatAgo, formatMoment, startOfDay } from './time.ts'

const newYork = { locale: 'en', timeZone: 'America/New_York' }

describe('durations', () => {
  test('are minutes and seconds, with hours from one hour on', () => {
    expect(formatDuration(0)).toBe('0:00')
    expect(formatDuration(59.9)).toBe('0:59')
    expect(formatDuration(83)).toBe('1:23')
    expect(formatDuration(3_600)).toBe('1:00:00')
    expect(formatMs(3_723_999)).toBe('1:02:03')
  })

  test('are never negative', () => {
    expect(formatDuration(-5)).toBe('0:00')
  })
})

describe('money', () => {
  test('is written from whole cents in the way of the language', () => {
    expect(formatMoney(123_456, { locale: 'en', currency: 'usd' })).toBe('$1,234.56')
    expect(formatMoney(123_456, { locale: 'de', currency: 'eur' })).toBe('1.234,56\u00a0€')
  })

  test('what went out carries a minus sign', () => {
    expect(formatMoney(-87, { locale: 'en', currency: 'usd' })).toBe('-$0.87')
    expect(formatMoney(87, { locale: 'en', currency: 'usd', showsSign: true })).toBe('+$0.87')
  })

  test('a currency without small coins is not divided', () => {
    expect(formatMoney(500, { locale: 'en', currency: 'jpy' })).toBe('¥500')
  })
})

describe('phone numbers', () => {
  test('of North America stand in national form, others with their calling code', () => {
    expect(formatPhone('+14155550134')).toBe('(415) 555-0134')
    expect(formatPhone('+493012345678')).toBe('+49 301 234 5678')
    expect(formatPhone('+3531234567')).toBe('+353 123 4567')
  })

  test('what is no number stays as it is', () => {
    expect(formatPhone('anonymous')).toBe('anonymous')
    expect(formatPhone('sip:desk@example.com')).toBe('sip:desk@example.com')
  })

  test('never lose or change a digit', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9]\d{6,14}$/), (number) => {
        const digits = formatPhone(number).replaceAll(/\D/g, '')
        expect(number.slice(1).endsWith(digits)).toBe(true)
        expect(number.length - 1 - digits.length).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('moments', () => {
  const now = new Date('2026-11-20T20:00:00Z')

  test('of today show the time of day in the organization’s zone', () => {
    expect(formatMoment(new Date('2026-11-20T15:05:00Z'), now, newYork)).toBe('10:05')
  })

  test('of another day show the day, of another year the year', () => {
    expect(formatMoment(new Date('2026-11-19T15:05:00Z'), now, newYork)).toBe('Nov 19, 10:05')
    expect(formatMoment(new Date('2025-11-19T15:05:00Z'), now, newYork)).toBe('Nov 19, 2025, 10:05')
  })

  test('are "ago" only under 24 hours', () => {
    expect(formatAgo(new Date('2026-11-20T19:57:00Z'), now, 'en')).toBe('3 min. ago')
    expect(formatAgo(new Date('2026-11-19T20:00:01Z'), now, 'en')).toBe('23 hr. ago')
    expect(formatAgo(new Date('2026-11-19T20:00:00Z'), now, 'en')).toBeNull()
    expect(formatAgo(new Date('2026-11-20T20:05:00Z'), now, 'en')).toBeNull()
  })
})

describe('days', () => {
  test('begin where the zone says, also around a change of clocks', () => {
    expect(startOfDay('2026-11-20', 'America/New_York').toISOString()).toBe(
      '2026-11-20T05:00:00.000Z',
    )
    expect(startOfDay('2026-03-08', 'America/New_York').toISOString()).toBe(
      '2026-03-08T05:00:00.000Z',
    )
    expect(startOfDay('2026-03-09', 'America/New_York').toISOString()).toBe(
      '2026-03-09T04:00:00.000Z',
    )
    expect(startOfDay('2026-10-25', 'Europe/Berlin').toISOString()).toBe('2026-10-24T22:00:00.000Z')
  })

  test('of every zone begin at a moment that lies in that day', () => {
    const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Auckland']
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_650 }), fc.constantFrom(...zones), (days, zone) => {
        const day = addDays('2020-01-01', days)
        expect(dayIn(startOfDay(day, zone), zone)).toBe(day)
      }),
    )
  })
})
