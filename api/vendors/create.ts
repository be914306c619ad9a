import { fileURLToPath } from 'node:url'
import type { Config } from '#api/core/config.ts'
import {
  type ObjectStore,
  type StripeClient,
  TWILIO_FALLBACK_PATH,
  type Vendors,
} from '#api/core/vendors.ts'
import { VendorBreakers } from './breakers.ts'
import { clerkClient } from './clerk.ts'
import { elevenLabsClient } from './elevenlabs.ts'
import { localStorage } from './local-storage.ts'
import { mailClient } from './mail.ts'
import { openAiClient } from './openai.ts'
import { s3Options, s3Storage } from './s3-storage.ts'
import { stripeClient } from './stripe.ts'
import { tenantHttp } from './tenant-http.ts'
import { twilioClient } from './twilio.ts'

type Wanted = Pick<
  Config,
  | 'twilio'
  | 'elevenLabs'
  | 'clerk'
  | 'stripe'
  | 'mail'
  | 'openAi'
  | 'storageUrl'
  | 'outgoingExemptOrigins'
  | 'publicApiUrl'
  | 'publicVoiceUrl'
>

/**
 * Every vendor as the configuration names it, each behind its breaker; `close` lets go of what keeps connections
 * open. A folder is no vendor: it answers or fails at once, and does so by itself.
 */
export function createVendors(
  config: Wanted,
  breakers = new VendorBreakers(),
): Vendors & { close(): void } {
  const mail = mailClient({ ...config.mail, breaker: breakers.of('mail') })
  return {
    twilio: twilioClient({ ...config.twilio, breaker: breakers.of('twilio') }),
    twilioOf: (account) =>
      twilioClient({
        ...account,
        baseUrl: config.twilio.baseUrl,
        breaker: breakers.ofAccount('twilio', account.accountSid),
      }),
    gatewayUrl: config.publicVoiceUrl,
    fallbackUrl: `${config.publicApiUrl}${TWILIO_FALLBACK_PATH}`,
    elevenLabs: elevenLabsClient({
      ...config.elevenLabs,
      breaker: breakers.of('elevenlabs'),
    }),
    clerk: clerkClient({
      secretKey: config.clerk.secretKey,
      baseUrl: config.clerk.apiUrl,
      breaker: breakers.of('clerk'),
    }),
    stripe: openStripe(config.stripe, breakers),
    storage: openStorage(config.storageUrl, breakers),
    mail,
    openAi: openAiClient({ ...config.openAi, breaker: breakers.of('openai') }),
    tenantHttp: tenantHttp({ exemptOrigins: config.outgoingExemptOrigins }),
    isAway: (vendor) => breakers.isAway(vendor),
    close: () => mail.close(),
  }
}

function openStripe(
  { secretKey, apiBase }: Config['stripe'],
  breakers: VendorBreakers,
): StripeClient | null {
  if (!secretKey) return null
  return stripeClient({ secretKey, baseUrl: apiBase, breaker: breakers.of('stripe') })
}

function openStorage(storageUrl: string, breakers: VendorBreakers): ObjectStore {
  const url = new URL(storageUrl)
  return url.protocol === 'file:'
    ? localStorage(fileURLToPath(url))
    : s3Storage(s3Options(storageUrl), breakers.of('storage'))
}
