import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** A key of 32 bytes with the name that sealed values carry. */
export type SealingKey = { id: string; key: Buffer }

/** The environment's key-encryption keys: the first seals, all of them open (THREATS X-secret). */
export type Keyring = { readonly current: SealingKey; find(id: string): SealingKey | undefined }

const IV_BYTES = 12 // what GCM takes without hashing it first
const SEALED = /^v1\.([\w-]{1,60})\.([\w-]+)\.([\w-]+)\.([\w-]*)$/

export function createKeyring(keys: readonly SealingKey[]): Keyring {
  const [current] = keys
  if (!current) throw new Error('a keyring needs a key')
  return { current, find: (id) => keys.find((known) => known.id === id) }
}

/**
 * `v1.<key id>.<iv>.<tag>.<ciphertext>`, AES-256-GCM. What is sealed for one place does not open in another:
 * `place` is authenticated, not stored.
 */
export function seal({ id, key }: SealingKey, place: readonly string[], plain: Buffer): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(placeBytes(place))
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
  const parts = [iv, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url'))
  return ['v1', id, ...parts].join('.')
}

/** Throws where the key is another, the place is another, or a bit was changed. */
export function open({ id, key }: SealingKey, place: readonly string[], sealed: string): Buffer {
  const [, keyId, iv = '', tag = '', ciphertext = ''] = SEALED.exec(sealed) ?? []
  if (keyId !== id) throw new Error('the value was sealed with another key')
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), {
    authTagLength: 16,
  })
    .setAAD(placeBytes(place))
    .setAuthTag(Buffer.from(tag, 'base64url'))
  return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64url')), decipher.final()])
}

/** The id of the key a value was sealed with. */
export function sealedWith(sealed: string): string {
  const id = SEALED.exec(sealed)?.[1]
  if (!id) throw new Error('this is not a sealed value')
  return id
}

// JSON, so that no two lists of parts make the same bytes.
const placeBytes = (place: readonly string[]): Buffer => Buffer.from(JSON.stringify(place))
