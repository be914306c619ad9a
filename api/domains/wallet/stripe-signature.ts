import { createHmac, timingSafeEqual } from 'node:crypto'

const WINDOW_SECONDS = 300 // THREATS B4, both ways: the vendor's own helper lets a future date pass
const MAX_SIGNATURES = 5 // two while a secret is rolled; the bound keeps a long header cheap

export type StripeVerdict =
  | { genuine: true }
  | { genuine: false; why: 'headers' | 'window' | 'signature' }

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `t.body`. Without a secret nothing is genuine. */
export function verifyStripe(
  secret: string | null,
  header: string | undefined,
  body: Buffer,
  now: Date,
): StripeVerdict {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('='))
  const time = parts.find(([name]) => name === 't')?.[1] ?? ''
  const signatures = parts.filter(([name]) => name === 'v1').map(([, hex = '']) => hex)
  if (!secret || !/^\d{1,12}$/.test(time) || signatures.length === 0)
    return { genuine: false, why: 'headers' }
  if (Math.abs(now.getTime() / 1000 - Number(time)) > WINDOW_SECONDS)
    return { genuine: false, why: 'window' }
  const wanted = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  const genuine = signatures.slice(0, MAX_SIGNATURES).some((hex) => {
    const given = Buffer.from(hex, 'hex')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
  return genuine ? { genuine } : { genuine, why: 'signature' }
}
