import { createHash } from 'node:crypto'

const LENGTH = 32 // hexadecimal digits: enough that two never meet by accident

/** The same for the same, whatever the order of keys. */
export const fingerprintOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
    .slice(0, LENGTH)

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
      .map(([key, item]) => [key, ordered(item)]),
  )
}
