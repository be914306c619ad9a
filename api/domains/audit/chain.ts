import { createHash } from 'node:crypto'

/** What an entry's hash covers: all of it but the hash itself. */
export type Link = PlatformLink & { organizationId: string }

/** An entry of the platform's own chain, which belongs to no organization. */
export type PlatformLink = {
  sequence: number
  id: string
  at: Date
  actorKind: string
  actorId: string | null
  action: string
  subject: string
  before: unknown
  after: unknown
}

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64)

/** `SHA-256(previous hash || canonical entry)` (THREATS 9). */
export const hashLink = (previousHash: string, link: PlatformLink | Link): string =>
  createHash('sha256').update(previousHash).update(canonical(link)).digest('hex')

/** One spelling for one value: keys sorted, moments as ISO text, what JSON cannot hold as it comes back. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
