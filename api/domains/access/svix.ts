import { createHmac, timingSafeEqual } from 'node:crypto'

const WINDOW_SECONDS = 300 // THREATS B4, in both directions

export type SvixVerdict =
  | { genuine: true; id: string }
  | { genuine: false; why: 'headers' | 'window' | 'signature' }

/**
 * Svix's scheme, which Clerk signs with: HMAC-SHA256 over `id.timestamp.body`. By hand, since the vendor's
 * Fastify helper signs the re-serialised JSON and refuses any body that is spelled otherwise.
 */
export function verifySvix(
  secret: string,
  delivery: { body: Buffer; header(name: string): string | undefined },
  now: Date,
): SvixVerdict {
  const id = delivery.header('svix-id')
  const timestamp = delivery.header('svix-timestamp') ?? ''
  const signatures = delivery.header('svix-signature')
  if (!id || !signatures || !/^\d{1,12}$/.test(timestamp)) return { genuine: false, why: 'headers' }
  const ageSeconds = Math.abs(now.getTime() / 1000 - Number(timestamp))
  if (ageSeconds > WINDOW_SECONDS) return { genuine: false, why: 'window' }

  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const wanted = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(delivery.body)
    .digest()
  const genuine = signatures
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .some((entry) => matches(entry, wanted))
  return genuine ? { genuine, id } : { genuine, why: 'signature' }
}

const MAX_SIGNATURES = 5 // two while a secret is rotated; the bound keeps a long header cheap

function matches(entry: string, wanted: Buffer): boolean {
  const [version, signature = ''] = entry.split(',')
  const given = Buffer.from(signature, 'base64')
  return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted)
}
