import { z } from 'zod'

// What is written with a four-digit year everywhere: an offset can carry a date beyond either end.
const EARLIEST = new Date('0001-01-01T00:00:00Z')
const LATEST = new Date('9999-12-31T23:59:59.999Z')

/** A moment: ISO 8601 text on the wire, a `Date` on both ends. */
export const instant = z.codec(
  z.iso.datetime({ offset: true }),
  z.date().min(EARLIEST).max(LATEST),
  {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  },
)
