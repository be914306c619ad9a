const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

type Zone = { locale: string; timeZone: string }

/** "14:03" today, "20 Nov, 14:03" this year, "20 Nov 2025, 14:03" before: in the organization's zone. */
export function formatMoment(at: Date, now: Date, { locale, timeZone }: Zone): string {
  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  if (dayIn(at, timeZone) === dayIn(now, timeZone))
    return format(at, locale, { ...clock, timeZone })
  const isThisYear = dayIn(at, timeZone).slice(0, 4) === dayIn(now, timeZone).slice(0, 4)
  return format(at, locale, {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
    ...clock,
    timeZone,
  })
}

/** Date, seconds and zone: what a tooltip shows. */
export const formatStamp = (at: Date, { locale, timeZone }: Zone): string =>
  format(at, locale, {
    dateStyle: 'full',
    timeStyle: 'long',
    hourCycle: 'h23',
    timeZone,
  })

/** Time of day with seconds, for timelines. */
export const formatClock = (at: Date, { locale, timeZone }: Zone): string =>
  format(at, locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone,
  })

export const formatDay = (at: Date, { locale, timeZone }: Zone): string =>
  format(at, locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone })

/** A calendar day (YYYY-MM-DD) as "20 Nov", or with its year; it is the same day in every zone. */
export const formatCalendarDay = (
  day: string,
  locale: string,
  options: { hasYear?: boolean } = {},
): string =>
  format(new Date(`${day}T00:00:00Z`), locale, {
    day: 'numeric',
    month: 'short',
    ...(options.hasYear && { year: 'numeric' }),
    timeZone: 'UTC',
  })

/** A calendar month (YYYY-MM) as "November 2026". */
export const formatCalendarMonth = (month: string, locale: string): string =>
  format(new Date(`${month}-01T00:00:00Z`), locale, {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })

/** "3 min ago"; null from 24 hours on, where the moment itself says more. */
export function formatAgo(at: Date, now: Date, locale: string): string | null {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000)
  if (seconds < 0 || seconds >= DAY_SECONDS) return null
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  if (seconds < MINUTE_SECONDS) return relative.format(-seconds, 'second')
  if (seconds < HOUR_SECONDS)
    return relative.format(-Math.floor(seconds / MINUTE_SECONDS), 'minute')
  return relative.format(-Math.floor(seconds / HOUR_SECONDS), 'hour')
}

/** The calendar day of a moment in a zone, as YYYY-MM-DD. */
export const dayIn = (at: Date, timeZone: string): string =>
  format(at, 'sv-SE', { dateStyle: 'short', timeZone })

/** When a calendar day of a zone begins. Days that begin at 1:00 because of a clock change are found too. */
export function startOfDay(day: string, timeZone: string): Date {
  const guess = new Date(`${day}T00:00:00Z`)
  const once = new Date(guess.getTime() - offsetMs(guess, timeZone))
  // The offset is that of the guess; asking again at the result puts right a change of clocks in between.
  return new Date(guess.getTime() - offsetMs(once, timeZone))
}

export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** How far a zone is ahead of UTC at a moment. */
function offsetMs(at: Date, timeZone: string): number {
  const local = format(at, 'sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    timeZone,
  }).replace(' ', 'T')
  return new Date(`${local}Z`).getTime() - Math.floor(at.getTime() / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()
const MAX_FORMATS = 200 // Locales times zones times shapes in use; making a format costs ten times its use.

function format(at: Date, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = locale + JSON.stringify(options)
  let made = formats.get(key)
  if (!made) {
    if (formats.size >= MAX_FORMATS) formats.clear()
    made = new Intl.DateTimeFormat(locale, options)
    formats.set(key, made)
  }
  return made.format(at)
}
