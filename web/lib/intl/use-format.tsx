'use client'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { useLocale } from 'use-intl'
import { formatDuration } from '../format/duration.ts'
import { formatMoney } from '../format/money.ts'
import { formatSize } from '../format/size.ts'
import {
  formatAgo,
  formatCalendarDay,
  formatCalendarMonth,
  formatClock,
  formatDay,
  formatMoment,
  formatStamp,
} from '../format/time.ts'

const HOUR_SECONDS = 3_600
const TEN_HOURS_SECONDS = 36_000 // From here on tenths of an hour only take room.

const ZoneContext = createContext('UTC')

/** The organization's time zone: every time below is shown in it. */
export const ZoneProvider = (props: { timeZone: string; children: ReactNode }) => (
  <ZoneContext value={props.timeZone}>{props.children}</ZoneContext>
)

export const useTimeZone = (): string => useContext(ZoneContext)

/** The only door to dates and amounts on a screen. */
export function useFormat() {
  const locale = useLocale()
  const timeZone = useTimeZone()
  return useMemo(() => {
    const zone = { locale, timeZone }
    return {
      money: (
        cents: number,
        options: { currency?: string; showsSign?: boolean; hasCents?: boolean } = {},
      ) => formatMoney(cents, { locale, currency: 'usd', ...options }),
      duration: formatDuration,
      size: (bytes: number) => formatSize(bytes, locale),
      moment: (at: Date, now: Date = new Date()) => formatMoment(at, now, zone),
      stamp: (at: Date) => formatStamp(at, zone),
      clock: (at: Date) => formatClock(at, zone),
      day: (at: Date) => formatDay(at, zone),
      calendarDay: (day: string, options: { hasYear?: boolean } = {}) =>
        formatCalendarDay(day, locale, options),
      weekday: (at: Date) =>
        new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(at),
      month: (month: string) => formatCalendarMonth(month, locale),
      hours: (seconds: number) =>
        new Intl.NumberFormat(locale, {
          style: 'unit',
          unit: 'hour',
          maximumFractionDigits: seconds < TEN_HOURS_SECONDS ? 1 : 0,
        }).format(seconds / HOUR_SECONDS),
      ago: (at: Date, now: Date = new Date()) => formatAgo(at, now, locale),
      number: (value: number, options?: Intl.NumberFormatOptions) =>
        new Intl.NumberFormat(locale, options).format(value),
    }
  }, [locale, timeZone])
}
