import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32 // so random that its plain hash tells nothing
const TOKEN = /^vox_([0-9a-f]{32})_([\w-]{43})$/

export const PREFIX = 'vox_'

/** What a program sends as its bearer token; it names its row and proves that it may. */
export function makeSecret(keyId: string): { token: string; hash: string; lastFour: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return {
    token: `${PREFIX}${keyId.replaceAll('-', '')}_${secret}`,
    hash: hashOf(secret),
    lastFour: secret.slice(-4),
  }
}

export function readToken(token: string): { keyId: string; secret: string } | null {
  const [, compact, secret] = TOKEN.exec(token) ?? []
  if (!compact || !secret) return null
  const keyId = compact.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { keyId, secret }
}

/** Takes the same time wherever the two differ, and for a key that is not there. */
export function isSecret(secret: string, hash: string | undefined): boolean {
  const given = Buffer.from(hashOf(secret))
  const wanted = Buffer.from(hash ?? hashOf(''))
  return wanted.length === given.length && timingSafeEqual(given, wanted) && hash !== undefined
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
