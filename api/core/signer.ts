import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Keyed signatures for things we hand out and get back: stream tokens, live tickets, recording links. */
export type Signer = {
  /** base64url, 43 characters; a signature for one purpose never fits another. */
  sign(purpose: string, text: string): string
  matches(purpose: string, text: string, signature: string): boolean
}

export function createSigner(secret: string): Signer {
  const keys = new Map<string, Buffer>()
  const keyFor = (purpose: string) => {
    const known = keys.get(purpose)
    if (known) return known
    const made = Buffer.from(hkdfSync('sha256', secret, 'voxcalls', purpose, 32))
    keys.set(purpose, made)
    return made
  }
  const sign = (purpose: string, text: string) =>
    createHmac('sha256', keyFor(purpose)).update(text).digest('base64url')
  return {
    sign,
    matches(purpose, text, signature) {
      const wanted = Buffer.from(sign(purpose, text))
      const given = Buffer.from(signature)
      return wanted.length === given.length && timingSafeEqual(wanted, given)
    },
  }
}
