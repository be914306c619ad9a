import { fileURLToPath } from 'node:url'
import type { Config } from '#api/core/config.ts'
import type { ObjectStore, StripeClient, Vendors } from '#api/core/vendors.ts'
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
  | 'publicVoiceUrl'
>

/** Every vendor as the configuration names it; `close` lets go of what keeps connections open. */
export function createVendors(config: Wanted): Vendors & { close(): void } {
  const mail = mailClient(config.mail)
  return {
    twilio: twilioClient(config.twilio),
    twilioOf: (account) => twilioClient({ ...account, baseUrl: config.twilio.baseUrl }),
    gatewayUrl: config.publicVoiceUrl,
    elevenLabs: elevenLabsClient(config.elevenLabs),
    clerk: clerkClient({ secretKey: config.clerk.secretKey, baseUrl: config.clerk.apiUrl }),
    stripe: openStripe(config.stripe),
    storage: openStorage(config.storageUrl),
    mail,
    openAi: openAiClient(config.openAi),
    tenantHttp: tenantHttp({ exemptOrigins: config.outgoingExemptOrigins }),
    close: () => mail.close(),
  }
}

function openStripe({ secretKey, apiBase }: Config['stripe']): StripeClient | null {
  return secretKey ? stripeClient({ secretKey, baseUrl: apiBase }) : null
}

function openStorage(storageUrl: string): ObjectStore {
  const url = new URL(storageUrl)
  return url.protocol === 'file:'
    ? localStorage(fileURLToPath(url))
    : s3Storage(s3Options(storageUrl))
}
