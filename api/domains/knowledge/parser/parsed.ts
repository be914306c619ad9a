import { z } from 'zod'

/** Why a document could not be read: codes that the console puts into words. */
export const unreadableReasons = [
  'damaged',
  'encrypted',
  'no_text',
  'not_utf8',
  'too_many_pages',
  'too_much_text',
  'too_slow',
  'too_heavy',
  'wrong_type',
] as const
export type UnreadableReason = (typeof unreadableReasons)[number]

/** What the child answers, read with suspicion: the document may have taken it over. */
export const parsed = z.union([
  z.strictObject({
    pages: z.array(
      z.strictObject({ page: z.int().min(1).max(1_000_000).nullable(), text: z.string() }),
    ),
  }),
  z.strictObject({ reason: z.enum(unreadableReasons) }),
])
export type Parsed = z.output<typeof parsed>

export class Unreadable extends Error {
  readonly reason: UnreadableReason
  constructor(reason: UnreadableReason) {
    super(`the document cannot be read: ${reason}`)
    this.name = 'Unreadable'
    this.reason = reason
  }
}

// THREATS X-upload.
export const MAX_PAGES = 500
export const MAX_TEXT_BYTES = 2 * 2 ** 20
