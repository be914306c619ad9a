import { z } from 'zod'

/** A moment: ISO 8601 text on the wire, a `Date` on both ends. */
export const instant = z.codec(z.iso.datetime({ offset: true }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})
