/** When the other side may be rung: minutes since its midnight, and ISO weekdays. */
export type Hours = { opensAtMinute: number; closesAtMinute: number; weekdays: readonly number[] }

/** THREATS T52; an organization's own hours lie within. */
export const widestHours: Hours = {
  opensAtMinute: 8 * 60,
  closesAtMinute: 21 * 60,
  weekdays: [1, 2, 3, 4, 5, 6, 7],
}

/** Whether it is a time to ring in every one of the zones; a number of no known zone is never rung. */
export const isOpen = (zones: readonly string[], hours: Hours, at: Date): boolean =>
  zones.length > 0 && zones.every((zone) => isWithin(hours, localTime(zone, at)))

const STEP_MINUTES = 15 // zones differ by quarters of an hour
const LOOK_AHEAD_DAYS = 8 // every weekday once, and the rest of today

/** The next moment, to a quarter of an hour, at which all zones may be rung; null where there is none in a week. */
export function nextOpening(zones: readonly string[], hours: Hours, from: Date): Date | null {
  const stepMs = STEP_MINUTES * 60_000
  const first = Math.ceil(from.getTime() / stepMs) * stepMs
  const last = first + LOOK_AHEAD_DAYS * 24 * 3_600_000
  for (let at = first; at <= last; at += stepMs)
    if (isOpen(zones, hours, new Date(at))) return new Date(at)
  return null
}

export type LocalTime = { weekday: number; minute: number }

export function localTime(zone: string, at: Date): LocalTime {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  )
  return {
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  }
}

/** The last midnight of a zone: where its day began. */
export function startOfDay(zone: string, at: Date): Date {
  const wholeMinute = Math.floor(at.getTime() / 60_000) * 60_000
  const guess = wholeMinute - localTime(zone, at).minute * 60_000
  // On the day a clock is moved, midnight lies an hour from there.
  const { minute } = localTime(zone, new Date(guess))
  const off = minute > 12 * 60 ? minute - 24 * 60 : minute
  return new Date(guess - off * 60_000)
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const isWithin = (hours: Hours, { weekday, minute }: LocalTime): boolean =>
  minute >= hours.opensAtMinute && minute < hours.closesAtMinute && hours.weekdays.includes(weekday)

// Making one costs a hundred times what using it does; there are as many as there are zones.
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formatters.set(timeZone, made)
  return made
}
