import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // 32 letters, so that a byte maps evenly

/** An id in the vendor's manner: opaque, with a prefix. */
export function newId(prefix: string, length = 26): string {
  let id = prefix
  for (const byte of randomBytes(length)) id += ALPHABET[byte & 31]
  return id
}

export function unixSeconds(ms = Date.now()): number {
  return Math.floor(ms / 1_000)
}
