import { join } from 'node:path'
import { type ClerkStandIn, startClerk } from './clerk/start.ts'
import { customersTwilioAccount, type SandboxOptions, sandboxOptions } from './config.ts'
import { type Control, startControl } from './control/start.ts'
import { type ElevenLabsStandIn, startElevenLabs } from './elevenlabs/start.ts'
import { Faults } from './kit/faults.ts'
import { Journal } from './kit/journal.ts'
import { type MailStandIn, startMail } from './mail/start.ts'
import { type OpenAiStandIn, startOpenAi } from './openai/start.ts'
import { PhraseBook } from './speech/book.ts'
import { speechEngine } from './speech/engine.ts'
import { type StripeStandIn, startStripe } from './stripe/start.ts'
import { startTwilio, type TwilioStandIn } from './twilio/start.ts'

export { type SandboxOptions, sandboxCredentials } from './config.ts'

export type Sandbox = {
  control: Control
  twilio: TwilioStandIn
  elevenLabs: ElevenLabsStandIn
  openAi: OpenAiStandIn
  clerk: ClerkStandIn
  stripe: StripeStandIn
  mail: MailStandIn
  journal: Journal
  faults: Faults
  book: PhraseBook
  /** What the product's processes must be told to talk to these stand-ins. */
  environment: Record<string, string>
  close(): Promise<void>
}

/** Starts every stand-in in this process, one listener each; on failure none is left running. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', dataDir, ports, credentials } = options
  const running: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    running.push(part)
    return part
  }
  // The last to start is the first to go: control drives the others, and the engine serves them all.
  const close = async () => {
    for (let part = running.pop(); part; part = running.pop()) await part.close()
  }

  try {
    const journal = new Journal()
    const faults = new Faults()
    const common = { host, journal, faults, dataDir }
    const { engine, fallbackBecause } = await speechEngine(options.engine ?? 'espeak')
    keep({ close: async () => engine.close?.() })
    const book = new PhraseBook(engine)

    const mail = keep(await startMail({ ...common, port: ports.smtp }))
    const clerk = keep(
      await startClerk({
        ...common,
        port: ports.clerk,
        publishableKey: credentials.clerkPublishableKey,
        secretKey: credentials.clerkSecretKey,
        webhookSecret: credentials.clerkWebhookSecret,
        webhookUrl: options.webhookUrls.clerk,
        keyFile: join(dataDir, 'clerk.pem'),
        smtpUrl: mail.url,
      }),
    )
    const openAi = keep(
      await startOpenAi({ ...common, port: ports.openai, apiKey: credentials.openAiApiKey }),
    )
    const stripe = keep(
      await startStripe({
        ...common,
        port: ports.stripe,
        secretKey: credentials.stripeSecretKey,
        webhookSecret: credentials.stripeWebhookSecret,
        webhookUrl: options.webhookUrls.stripe,
      }),
    )
    const twilio = keep(
      await startTwilio({
        ...common,
        port: ports.twilio,
        accountSid: credentials.twilioAccountSid,
        authToken: credentials.twilioAuthToken,
        otherAccounts: [customersTwilioAccount],
        book,
      }),
    )
    const elevenLabs = keep(
      await startElevenLabs({
        ...common,
        port: ports.elevenlabs,
        apiKey: credentials.elevenLabsApiKey,
        webhookSecret: credentials.elevenLabsWebhookSecret,
        twilioUrl: twilio.url,
        book,
        ...(options.webhookUrls.elevenlabs
          ? { postCallWebhookUrl: options.webhookUrls.elevenlabs }
          : {}),
        ...(options.postCallDelayMs === undefined
          ? {}
          : { postCallDelayMs: options.postCallDelayMs }),
      }),
    )
    const environment = environmentOf(credentials, {
      mail,
      openAi,
      clerk,
      stripe,
      twilio,
      elevenLabs,
    })
    const parts = {
      twilio,
      elevenLabs,
      openAi,
      clerk,
      stripe,
      mail,
      journal,
      faults,
      book,
      environment,
    }
    const control = keep(
      await startControl({ ...parts, port: ports.control, host, dataDir, fallbackBecause }),
    )
    environment.SANDBOX_URL = control.url
    return { ...parts, control, close }
  } catch (error) {
    await close()
    throw error
  }
}

function environmentOf(
  credentials: SandboxOptions['credentials'],
  urls: {
    mail: MailStandIn
    openAi: OpenAiStandIn
    clerk: ClerkStandIn
    stripe: StripeStandIn
    twilio: TwilioStandIn
    elevenLabs: ElevenLabsStandIn
  },
): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: credentials.twilioAccountSid,
    TWILIO_AUTH_TOKEN: credentials.twilioAuthToken,
    TWILIO_BASE_URL: urls.twilio.url,
    ELEVENLABS_API_KEY: credentials.elevenLabsApiKey,
    ELEVENLABS_WEBHOOK_SECRET: credentials.elevenLabsWebhookSecret,
    ELEVENLABS_BASE_URL: urls.elevenLabs.url,
    CLERK_PUBLISHABLE_KEY: credentials.clerkPublishableKey,
    CLERK_SECRET_KEY: credentials.clerkSecretKey,
    CLERK_WEBHOOK_SECRET: credentials.clerkWebhookSecret,
    CLERK_JWT_KEY: urls.clerk.jwtKey,
    CLERK_API_URL: urls.clerk.url,
    CLERK_FAPI_URL: urls.clerk.url,
    CLERK_PROXY_URL: '/__clerk',
    OPENAI_API_KEY: credentials.openAiApiKey,
    OPENAI_BASE_URL: urls.openAi.url,
    STRIPE_SECRET_KEY: credentials.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: credentials.stripeWebhookSecret,
    STRIPE_API_BASE: urls.stripe.url,
    SMTP_URL: urls.mail.url,
  }
}

async function runUntilStopped(): Promise<void> {
  const sandbox = await startSandbox(sandboxOptions())
  console.log(
    JSON.stringify({
      ready: 'sandbox',
      url: sandbox.control.url,
      environment: sandbox.environment,
    }),
  )
  const stop = () => {
    sandbox.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

if (import.meta.main) await runUntilStopped()
