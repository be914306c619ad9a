import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** One Clerk application: the names derived from its publishable key, and the key it signs with. */
export type Instance = {
  id: string
  issuer: string
  publishableKey: string
  cookieSuffix: string
  jwtKey: string
  jwks: { keys: (JsonWebKey & { kid: string; use: 'sig'; alg: 'RS256' })[] }
  sign(payload: object, header?: object): string
}

export function openInstance(publishableKey: string, keyFile: string): Instance {
  const issuer = `https://${frontendApiHost(publishableKey)}`
  const privateKey = openPrivateKey(keyFile)
  const publicKey = createPublicKey(privateKey)
  const sha1 = createHash('sha1').update(publishableKey).digest()
  const id = `ins_${sha1.toString('hex').slice(0, 20)}`
  return {
    id,
    issuer,
    publishableKey,
    cookieSuffix: sha1.toString('base64url').slice(0, 8),
    jwtKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: 'RS256' }] },
    sign(payload, header = {}) {
      const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: id, ...header })}.${encode(payload)}`
      return `${content}.${sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64url')}`
    },
  }
}

/** A production key is `pk_live_` and the base64 of `<host>$`. */
function frontendApiHost(publishableKey: string): string {
  const host = Buffer.from(publishableKey.replace(/^pk_live_/, ''), 'base64').toString()
  // Development keys follow another protocol (dev browser, cookies set by the page), which is not stood in for.
  if (!publishableKey.startsWith('pk_live_') || !/^[\w-]+(\.[\w-]+)+\$$/.test(host))
    throw new Error(`the publishable key must be pk_live_ and base64("<host>$"): ${publishableKey}`)
  return host.slice(0, -1)
}

// Kept on disk because browsers hold cookies signed with it, and other processes its public half.
function openPrivateKey(keyFile: string): KeyObject {
  if (existsSync(keyFile)) return createPrivateKey(readFileSync(keyFile))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  mkdirSync(dirname(keyFile), { recursive: true })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
