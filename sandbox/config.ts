import { resolve } from 'node:path'
import { z } from 'zod'
import { engineNames } from './speech/engine.ts'

export type SandboxOptions = {
  host?: string
  /** Everything that outlives the process: numbers, agents, users, keys, mail. */
  dataDir: string
  engine?: (typeof engineNames)[number]
  ports: {
    control: number
    twilio: number
    elevenlabs: number
    openai: number
    stripe: number
    clerk: number
    smtp: number
  }
  credentials: {
    twilioAccountSid: string
    twilioAuthToken: string
    elevenLabsApiKey: string
    elevenLabsWebhookSecret: string
    clerkPublishableKey: string
    clerkSecretKey: string
    clerkWebhookSecret: string
    openAiApiKey: string
    stripeSecretKey: string
    stripeWebhookSecret: string
  }
  /** Where the vendors send their news; ElevenLabs' is set as the workspace's post-call webhook. */
  webhookUrls: {
    clerk?: string | undefined
    elevenlabs?: string | undefined
    stripe?: string | undefined
  }
  /** How long after a call its review is sent; short in tests. */
  postCallDelayMs?: number
}

/** A Twilio account of a customer, with a number of its own: for trying out how one is connected. */
export const customersTwilioAccount = {
  accountSid: `AC${'1'.repeat(32)}`,
  authToken: 'sandbox-customer-auth-token',
  numbers: [{ phoneNumber: '+14155550190', friendlyName: 'Front desk (own account)' }],
}

const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '')

/** Values that say what they are: the product refuses every one of them in production. */
export const sandboxCredentials: SandboxOptions['credentials'] = {
  twilioAccountSid: `AC${'0'.repeat(32)}`,
  twilioAuthToken: 'sandbox-twilio-auth-token',
  elevenLabsApiKey: 'sandbox-elevenlabs-api-key',
  elevenLabsWebhookSecret: 'wsec_sandbox',
  clerkPublishableKey: `pk_live_${base64('clerk.sandbox.test$')}`,
  clerkSecretKey: 'sk_live_sandbox',
  clerkWebhookSecret: `whsec_${base64('sandbox webhook secret')}`,
  openAiApiKey: 'sk-sandbox',
  stripeSecretKey: 'sk_test_sandbox',
  stripeWebhookSecret: 'whsec_sandbox',
}

const port = (usual: number) => z.coerce.number().int().min(0).max(65_535).default(usual)
const { twilioAccountSid, twilioAuthToken, elevenLabsApiKey, elevenLabsWebhookSecret } =
  sandboxCredentials
const { clerkPublishableKey, clerkSecretKey, clerkWebhookSecret } = sandboxCredentials
const { openAiApiKey, stripeSecretKey, stripeWebhookSecret } = sandboxCredentials

const variables = z.object({
  SANDBOX_HOST: z.string().default('127.0.0.1'),
  SANDBOX_DATA_DIR: z.string().default('.voxcalls/sandbox'),
  SANDBOX_SPEECH_ENGINE: z.enum(engineNames).default('espeak'),
  SANDBOX_CONTROL_PORT: port(4000),
  SANDBOX_TWILIO_PORT: port(4010),
  SANDBOX_ELEVENLABS_PORT: port(4020),
  SANDBOX_OPENAI_PORT: port(4030),
  SANDBOX_STRIPE_PORT: port(4040),
  SANDBOX_CLERK_PORT: port(4050),
  SANDBOX_SMTP_PORT: port(4060),
  SANDBOX_TWILIO_ACCOUNT_SID: z.string().default(twilioAccountSid),
  SANDBOX_TWILIO_AUTH_TOKEN: z.string().default(twilioAuthToken),
  SANDBOX_ELEVENLABS_API_KEY: z.string().default(elevenLabsApiKey),
  SANDBOX_ELEVENLABS_WEBHOOK_SECRET: z.string().default(elevenLabsWebhookSecret),
  SANDBOX_CLERK_PUBLISHABLE_KEY: z.string().default(clerkPublishableKey),
  SANDBOX_CLERK_SECRET_KEY: z.string().default(clerkSecretKey),
  SANDBOX_CLERK_WEBHOOK_SECRET: z.string().default(clerkWebhookSecret),
  SANDBOX_OPENAI_API_KEY: z.string().default(openAiApiKey),
  SANDBOX_STRIPE_SECRET_KEY: z.string().default(stripeSecretKey),
  SANDBOX_STRIPE_WEBHOOK_SECRET: z.string().default(stripeWebhookSecret),
  SANDBOX_CLERK_WEBHOOK_URL: z.url().optional(),
  SANDBOX_ELEVENLABS_WEBHOOK_URL: z.url().optional(),
  SANDBOX_STRIPE_WEBHOOK_URL: z.url().optional(),
})

/** The options of a sandbox started by itself. */
export function sandboxOptions(
  environment: Record<string, string | undefined> = process.env,
): SandboxOptions {
  const given = variables.parse(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  )
  return {
    host: given.SANDBOX_HOST,
    dataDir: resolve(given.SANDBOX_DATA_DIR),
    engine: given.SANDBOX_SPEECH_ENGINE,
    ports: {
      control: given.SANDBOX_CONTROL_PORT,
      twilio: given.SANDBOX_TWILIO_PORT,
      elevenlabs: given.SANDBOX_ELEVENLABS_PORT,
      openai: given.SANDBOX_OPENAI_PORT,
      stripe: given.SANDBOX_STRIPE_PORT,
      clerk: given.SANDBOX_CLERK_PORT,
      smtp: given.SANDBOX_SMTP_PORT,
    },
    credentials: {
      twilioAccountSid: given.SANDBOX_TWILIO_ACCOUNT_SID,
      twilioAuthToken: given.SANDBOX_TWILIO_AUTH_TOKEN,
      elevenLabsApiKey: given.SANDBOX_ELEVENLABS_API_KEY,
      elevenLabsWebhookSecret: given.SANDBOX_ELEVENLABS_WEBHOOK_SECRET,
      clerkPublishableKey: given.SANDBOX_CLERK_PUBLISHABLE_KEY,
      clerkSecretKey: given.SANDBOX_CLERK_SECRET_KEY,
      clerkWebhookSecret: given.SANDBOX_CLERK_WEBHOOK_SECRET,
      openAiApiKey: given.SANDBOX_OPENAI_API_KEY,
      stripeSecretKey: given.SANDBOX_STRIPE_SECRET_KEY,
      stripeWebhookSecret: given.SANDBOX_STRIPE_WEBHOOK_SECRET,
    },
    webhookUrls: {
      clerk: given.SANDBOX_CLERK_WEBHOOK_URL,
      elevenlabs: given.SANDBOX_ELEVENLABS_WEBHOOK_URL,
      stripe: given.SANDBOX_STRIPE_WEBHOOK_URL,
    },
  }
}
