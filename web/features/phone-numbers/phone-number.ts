import type { z } from 'zod'
import type { fallback, phoneNumber } from '#contracts/phone-numbers'

export type PhoneNumber = z.output<typeof phoneNumber>
export type Fallback = z.output<typeof fallback>
export type Route = PhoneNumber['route']

const REFRESH_MS = 2_000 // A step at a vendor takes about a second.

/** Whether something is being done with it at a vendor right now. */
export const isWorking = ({ state }: Pick<PhoneNumber, 'state'>): boolean =>
  state === 'importing' || state === 'changing' || state === 'releasing'

/** A number that is given up takes no changes. */
export const isKept = ({ state }: Pick<PhoneNumber, 'state'>): boolean =>
  state !== 'releasing' && state !== 'released'

/** How soon to look again: while a vendor works, every two seconds. */
export const refreshMs = (numbers: readonly PhoneNumber[]): number | false =>
  numbers.some(isWorking) ? REFRESH_MS : false
