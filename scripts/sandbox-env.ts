import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sandboxCredentials } from '../sandbox/config.ts'
import type { Ports } from './ports.ts'

/**
 * The environment in which the product talks to the stand-ins instead of vendors. A vendor for which
 * the given environment has a key of its own is left alone: its stand-in then has nothing to do.
 */
export function sandboxEnvironment(
  given: NodeJS.ProcessEnv,
  sandbox: { ports: Ports; host: string; dataDir: string },
): Record<string, string> {
  const at = (name: 'twilio' | 'elevenlabs' | 'openai' | 'stripe' | 'clerk' | 'control') =>
    `http://${sandbox.host}:${sandbox.ports[name]}`
  const vendors: { key: string; environment: () => Record<string, string> }[] = [
    {
      key: 'TWILIO_ACCOUNT_SID',
      environment: () => ({
        TWILIO_ACCOUNT_SID: sandboxCredentials.twilioAccountSid,
        TWILIO_AUTH_TOKEN: sandboxCredentials.twilioAuthToken,
        TWILIO_BASE_URL: at('twilio'),
      }),
    },
    {
      key: 'ELEVENLABS_API_KEY',
      environment: () => ({
        ELEVENLABS_API_KEY: sandboxCredentials.elevenLabsApiKey,
        ELEVENLABS_WEBHOOK_SECRET: sandboxCredentials.elevenLabsWebhookSecret,
        ELEVENLABS_BASE_URL: at('elevenlabs'),
      }),
    },
    {
      key: 'CLERK_SECRET_KEY',
      environment: () => ({
        CLERK_PUBLISHABLE_KEY: sandboxCredentials.clerkPublishableKey,
        CLERK_SECRET_KEY: sandboxCredentials.clerkSecretKey,
        CLERK_WEBHOOK_SECRET: sandboxCredentials.clerkWebhookSecret,
        CLERK_JWT_KEY: clerkPublicKey(sandbox.dataDir),
        CLERK_API_URL: at('clerk'),
        CLERK_FAPI_URL: at('clerk'),
        CLERK_PROXY_URL: '/__clerk',
      }),
    },
    {
      key: 'OPENAI_API_KEY',
      environment: () => ({
        OPENAI_API_KEY: sandboxCredentials.openAiApiKey,
        OPENAI_BASE_URL: `${at('openai')}/v1`,
      }),
    },
    {
      key: 'STRIPE_SECRET_KEY',
      environment: () => ({
        STRIPE_SECRET_KEY: sandboxCredentials.stripeSecretKey,
        STRIPE_WEBHOOK_SECRET: sandboxCredentials.stripeWebhookSecret,
        STRIPE_API_BASE: at('stripe'),
      }),
    },
    {
      key: 'SMTP_URL',
      environment: () => ({
        SMTP_URL: `smtp://sandbox:sandbox@${sandbox.host}:${sandbox.ports.smtp}`,
      }),
    },
    {
      key: 'ENCRYPTION_KEYS',
      environment: () => ({
        ENCRYPTION_KEYS: `sandbox:${Buffer.from('a sandbox key, no secret at all.').toString('base64')}`,
      }),
    },
    { key: 'SUPER_ADMIN_EMAILS', environment: () => ({ SUPER_ADMIN_EMAILS: SUPER_ADMIN_EMAIL }) },
  ]
  const standIns = vendors.filter(({ key }) => !given[key]).map((vendor) => vendor.environment())
  // The receiver for outgoing webhooks is this machine's own, at /hooks/… of the control pages.
  const own = { SANDBOX_URL: at('control'), OUTGOING_EXEMPT_ORIGINS: at('control') }
  return Object.assign(own, ...standIns)
}

/** Who signs in as super_admin on a fresh machine. */
export const SUPER_ADMIN_EMAIL = 'super@voxcalls.test'

/** What the stand-ins' own process is told. */
export function standInEnvironment(sandbox: {
  ports: Ports
  host: string
  dataDir: string
  publicApiUrl: string
}): Record<string, string> {
  const { ports, host, dataDir, publicApiUrl } = sandbox
  return {
    SANDBOX_HOST: host,
    SANDBOX_DATA_DIR: dataDir,
    SANDBOX_CONTROL_PORT: String(ports.control),
    SANDBOX_TWILIO_PORT: String(ports.twilio),
    SANDBOX_ELEVENLABS_PORT: String(ports.elevenlabs),
    SANDBOX_OPENAI_PORT: String(ports.openai),
    SANDBOX_STRIPE_PORT: String(ports.stripe),
    SANDBOX_CLERK_PORT: String(ports.clerk),
    SANDBOX_SMTP_PORT: String(ports.smtp),
    SANDBOX_CLERK_WEBHOOK_URL: `${publicApiUrl}/webhooks/clerk`,
    SANDBOX_ELEVENLABS_WEBHOOK_URL: `${publicApiUrl}/webhooks/elevenlabs`,
    SANDBOX_STRIPE_WEBHOOK_URL: `${publicApiUrl}/webhooks/stripe`,
  }
}

/**
 * Clerk's stand-in signs with the key in this file and makes it when it is missing. The product has to
 * know the public half before the stand-in is up, so whoever comes first makes the file.
 */
function clerkPublicKey(dataDir: string): string {
  const file = join(dataDir, 'clerk.pem')
  const key = existsSync(file) ? createPrivateKey(readFileSync(file)) : makeKey(file)
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}
