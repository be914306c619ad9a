'use client'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { useLocale } from 'use-intl'
import { formatDuration } from '../format/duration.ts'
import { formatMoney } from '../format/money.ts'
import { formatAgo, formatClock, formatDay, formatMoment, formatStamp } from '../format/time.ts'

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
      money: (cents: number, options: { currency?: string; showsSign?: boolean } = {}) =>
        formatMoney(cents, { locale, currency: 'usd', ...options }),
      duration: formatDuration,
      moment: (at: Date, now: Date = new Date()) => formatMoment(at, now, zone),
      stamp: (at: Date) => formatStamp(at, zone),
      clock: (at: Date) => formatClock(at, zone),
      day: (at: Date) => formatDay(at, zone),
      ago: (at: Date, now: Date = new Date()) => formatAgo(at, now, locale),
      number: (value: number, options?: Intl.NumberFormatOptions) =>
        new Intl.NumberFormat(locale, options).format(value),
    }
  }, [locale, timeZone])
}
