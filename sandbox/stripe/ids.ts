import { randomBytes } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `pi_` and as many letters and digits as Stripe gives. */
export const newId = (prefix: string, length = 24): string => `${prefix}_${randomText(length)}`

export const randomText = (length: number): string =>
  Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('')
