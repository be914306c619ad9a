import type { Config } from '#api/core/config.ts'
import type { VendorSetup } from './diagnosis.ts'

type Wanted = Pick<
  Config,
  'twilio' | 'elevenLabs' | 'openAi' | 'clerk' | 'stripe' | 'mail' | 'storageUrl'
>

/** A vendor on this machine is a stand-in; an object store is one's own wherever it stands. */
export const vendorSetup = (config: Wanted): VendorSetup => ({
  twilio: setupOf(config.twilio.baseUrl),
  elevenlabs: setupOf(config.elevenLabs.baseUrl),
  clerk: setupOf(config.clerk.apiUrl),
  mail: setupOf(config.mail.smtpUrl),
  openai: config.openAi.apiKey === null ? 'absent' : setupOf(config.openAi.baseUrl),
  stripe: config.stripe.secretKey === null ? 'absent' : setupOf(config.stripe.apiBase),
  storage: 'real',
})

const setupOf = (url: string | null): 'real' | 'sandboxed' =>
  url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
    ? 'sandboxed'
    : 'real'
