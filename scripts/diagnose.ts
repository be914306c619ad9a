import { randomUUID } from 'node:crypto'
import { type Config, ConfigError, type Environment, loadConfig } from '#api/core/config.ts'
import { VendorError } from '#api/core/errors.ts'
import { createLogger } from '#api/core/log.ts'
import { openDatabase } from '#db/client.ts'
import { createVendors } from '../api/vendors/create.ts'
import { verifyMail } from '../api/vendors/mail.ts'

/** One hop on the way of a feature: whether it can be taken, and what to do when it cannot. */
export type Hop = {
  name: string
  state: 'works' | 'sandboxed' | 'not configured' | 'fails'
  /** Empty for a hop that works. */
  problem: string
  fix: string
}
export type Feature = { name: string; state: Hop['state']; failing: Hop | null }
export type Diagnosis = { features: Feature[]; hops: Hop[] }

const PROBE_MS = 5_000
const FORBIDDEN = 403
const SERVER_ERROR = 500

/** What each feature needs, in the order in which a call or a click takes it. */
const needs: Record<string, string[]> = {
  'Sign-in': ['configuration', 'database', 'clerk', 'api', 'console'],
  'Inbound agent calls': [
    'configuration',
    'database',
    'twilio',
    'elevenlabs',
    'voice gateway',
    'worker',
  ],
  'Transcripts and recordings': ['configuration', 'database', 'storage', 'voice gateway', 'api'],
  'Wallet and ledger': ['configuration', 'database', 'api'],
  'E-mail': ['configuration', 'mail', 'worker'],
  'Knowledge base': ['configuration', 'database', 'storage', 'openai', 'worker'],
  'Top-ups by card': ['configuration', 'stripe'],
}

/** Takes every hop once, for real: a query, a request, an object written and read. */
export async function diagnose(environment: Environment): Promise<Diagnosis> {
  const hops = await takeHops(environment)
  const byName = new Map(hops.map((hop) => [hop.name, hop]))
  const features = Object.entries(needs).map(([name, names]) => {
    const own = names.flatMap((hop) => byName.get(hop) ?? [])
    const failing =
      own.find(({ state }) => state === 'fails') ??
      own.find(({ state }) => state === 'not configured') ??
      null
    const sandboxed = own.some(({ state }) => state === 'sandboxed')
    const state = failing?.state ?? (sandboxed ? 'sandboxed' : 'works')
    return { name, state, failing } satisfies Feature
  })
  return { features, hops }
}

async function takeHops(environment: Environment): Promise<Hop[]> {
  let config: Config
  try {
    config = loadConfig(environment)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problem = error.problems.join('; ')
    const fix = 'Set what is named, or start the sandbox with `npm start`.'
    return [{ name: 'configuration', state: 'fails', problem, fix }]
  }
  const { twilio, elevenLabs, openAi, clerk, stripe, mail } = config
  const at = (port: number, path: string) => `http://${config.host}:${port}${path}`
  const vendors = createVendors(config)
  const payments = vendors.stripe
  try {
    return await Promise.all([
      hop('configuration', false, '', async () => undefined),
      hop('database', false, 'Check DATABASE_URL and DATABASE_PLATFORM_URL.', () => ping(config)),
      hop(
        'storage',
        false,
        'Check STORAGE_URL, and that its folder or bucket can be written.',
        () => writeAndRead(vendors.storage),
      ),
      hop(
        'twilio',
        isLocal(twilio.baseUrl),
        credentialsFix('TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'),
        () => vendors.twilio.findNumber('+15005550006'),
      ),
      hop('elevenlabs', isLocal(elevenLabs.baseUrl), credentialsFix('ELEVENLABS_API_KEY'), () =>
        vendors.elevenLabs.listConversations({ startedAfter: new Date(), pageSize: 1 }),
      ),
      hop('clerk', isLocal(clerk.apiUrl), credentialsFix('CLERK_SECRET_KEY'), () =>
        vendors.clerk.fetchUser('user_doctor'),
      ),
      hop('mail', isLocal(mail.smtpUrl), credentialsFix('SMTP_URL'), () =>
        verifyMail(mail.smtpUrl),
      ),
      openAi.apiKey === null
        ? wanted('openai', null, 'Set OPENAI_API_KEY.')
        : hop('openai', isLocal(openAi.baseUrl), credentialsFix('OPENAI_API_KEY'), () =>
            vendors.openAi.embed(['doctor']),
          ),
      payments
        ? hop('stripe', isLocal(stripe.apiBase), credentialsFix('STRIPE_SECRET_KEY'), () =>
            payments.findPayment('pi_doctor'),
          )
        : wanted('stripe', null, 'Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.'),
      hop('api', false, runFix('api'), () => serves(`${config.publicApiUrl}/readyz`)),
      hop('worker', false, runFix('worker'), () => serves(at(config.ports.worker, '/readyz'))),
      hop('voice gateway', false, runFix('voice'), () => refusesForgery(config.publicVoiceUrl)),
      hop('console', false, runFix('web'), () => serves(`${config.publicWebUrl}/livez`)),
    ])
  } finally {
    vendors.close()
  }
}

async function hop(
  name: string,
  sandboxed: boolean,
  fix: string,
  take: () => Promise<unknown>,
): Promise<Hop> {
  try {
    await take()
    return { name, state: sandboxed ? 'sandboxed' : 'works', problem: '', fix: '' }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { name, state: 'fails', problem, fix: sandboxed ? SANDBOX_FIX : fixFor(error, fix) }
  }
}

const SANDBOX_FIX = 'Its stand-in does not answer as it should: is `npm start` running?'

async function wanted(name: string, key: string | null, fix: string): Promise<Hop> {
  if (key) return { name, state: 'works', problem: '', fix: '' }
  return { name, state: 'not configured', problem: 'No key is set.', fix }
}

/** A vendor that refuses us wants other credentials; one that cannot be reached wants patience or a network. */
function fixFor(error: unknown, fix: string): string {
  if (error instanceof VendorError && error.retryable && !error.status)
    return 'It cannot be reached from here: check the network and its base URL.'
  return fix
}

const credentialsFix = (...names: string[]) => `Check ${names.join(' and ')}.`
const runFix = (role: string) =>
  `Start it with \`npm start\`; its log is logs/${role}*.log in DATA_DIR.`

const isLocal = (url: string | null): boolean =>
  url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)

async function ping(config: Config): Promise<void> {
  const log = createLogger({ name: 'doctor', level: 'silent' })
  const database = await openDatabase({ ...config.database, applicationName: 'doctor', log })
  try {
    await database.ping()
  } finally {
    await database.close()
  }
}

async function writeAndRead(storage: ReturnType<typeof createVendors>['storage']): Promise<void> {
  const key = `doctor/${randomUUID()}`
  await storage.put(key, Buffer.from('probe'), 'text/plain')
  const found = await storage.get(key)
  const text = found && (await new Response(found.stream).text())
  await storage.delete(key)
  if (text !== 'probe') throw new Error('What was written did not come back.')
}

async function serves(url: string): Promise<void> {
  const response = await ask(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`)
}

/** The gateway is known by what it refuses: a call that Twilio did not sign. */
async function refusesForgery(publicVoiceUrl: string): Promise<void> {
  const url = `${publicVoiceUrl}/twilio/voice`
  const response = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'CallSid=CA0',
  })
  if (response.status >= SERVER_ERROR) throw new Error(`${url} answers ${response.status}.`)
  if (response.status !== FORBIDDEN)
    throw new Error(`${url} answers ${response.status} to a request nobody signed.`)
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS) })
  } catch (error) {
    throw new Error(`${url} does not answer.`, { cause: error })
  }
}
