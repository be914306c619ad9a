import { randomBytes } from 'node:crypto'

type SidPrefix = 'PN' | 'CA' | 'RE' | 'MZ' | 'NO' | 'PA'

/** Two letters and 32 lower-case hex digits. */
export function makeSid(prefix: SidPrefix): string {
  return prefix + randomBytes(16).toString('hex')
}

/** RFC 2822 as the REST API writes it: `Tue, 31 Aug 2010 20:36:28 +0000`. */
export function rfc2822(instant: Date): string
export function rfc2822(instant: Date | undefined): string | null
export function rfc2822(instant: Date | undefined): string | null {
  return instant ? instant.toUTCString().replace('GMT', '+0000') : null
}

export function isE164(number: string): boolean {
  return /^\+[1-9]\d{1,14}$/.test(number)
}
