import { randomUUID } from 'node:crypto'
import { type Config, ConfigError, type Environment, loadConfig } from '#api/core/config.ts'
import { createLogger } from '#api/core/log.ts'
import {
  degradedBy,
  type FeatureName,
  featuresOf,
  type Hop,
  openBreakers,
  type Step,
  takeStep,
  vendorSetup,
  vendorSteps,
} from '#api/domains/operations/service.ts'
import { openDatabase } from '#db/client.ts'
import { createVendors } from '../api/vendors/create.ts'

export type Feature = { name: string; state: Hop['state']; failing: Hop | null }
export type Diagnosis = { features: Feature[]; hops: Hop[] }

const PROBE_MS = 5_000
const STEP_MS = 15_000 // a vendor's own deadlines and tries come first, and say more
const FORBIDDEN = 403
const SERVER_ERROR = 500

const titles: Record<FeatureName, string> = {
  'sign-in': 'Sign-in',
  'inbound-calls': 'Inbound agent calls',
  recordings: 'Transcripts and recordings',
  wallet: 'Wallet and ledger',
  mail: 'E-mail',
  knowledge: 'Knowledge base',
  'top-ups': 'Top-ups by card',
}

/** Takes every hop once, for real: a query, a request, an object written and read. */
export async function diagnose(environment: Environment): Promise<Diagnosis> {
  const hops = await takeHops(environment)
  const features = featuresOf(hops).map((feature) => ({ ...feature, name: titles[feature.name] }))
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
    return [{ ...configured, state: 'fails', reason: 'failed', problem, fix }]
  }
  const at = (port: number, path: string) => `http://${config.host}:${port}${path}`
  const vendors = createVendors(config)
  try {
    const asked = vendorSteps(vendors, vendorSetup(config)).map((step) =>
      step.name === 'storage' ? { ...step, take: () => writeAndRead(vendors.storage) } : step,
    )
    const ours: Step[] = [
      own('api', () => serves(`${config.publicApiUrl}/readyz`)),
      own('worker', () => serves(at(config.ports.worker, '/readyz'))),
      own('voice gateway', () => refusesForgery(config.publicVoiceUrl)),
      own('console', () => serves(`${config.publicWebUrl}/livez`)),
    ]
    const [database, ...hops] = await Promise.all([
      lookAtDatabase(config),
      ...asked.map((step) => takeStep(step, STEP_MS)),
      ...ours.map(async (step) => runnable(await takeStep(step, STEP_MS))),
    ])
    return [configured, database.hop, ...hops.map((hop) => degradedBy(hop, database.breakers))]
  } finally {
    vendors.close()
  }
}

const configured: Hop = {
  name: 'configuration',
  state: 'works',
  reason: null,
  settings: [],
  problem: '',
  fix: '',
}

const own = (name: string, take: Step['take']): Step => ({
  name,
  setup: 'real',
  settings: [],
  take,
})

function runnable(hop: Hop): Hop {
  if (hop.state !== 'fails') return hop
  const role = hop.name === 'voice gateway' ? 'voice' : hop.name.replace('console', 'web')
  return { ...hop, fix: `Start it with \`npm start\`; its log is logs/${role}*.log in DATA_DIR.` }
}

/** The database also tells which vendors the running processes have given up for now. */
async function lookAtDatabase(config: Config): Promise<{ hop: Hop; breakers: string[] }> {
  let breakers: string[] = []
  const take = async () => {
    const log = createLogger({ name: 'doctor', level: 'silent' })
    const database = await openDatabase({ ...config.database, applicationName: 'doctor', log })
    try {
      await database.ping()
      breakers = await database.withPlatform(openBreakers)
    } finally {
      await database.close()
    }
  }
  const settings = ['DATABASE_URL', 'DATABASE_PLATFORM_URL']
  const hop = await takeStep({ name: 'database', setup: 'real', settings, take }, STEP_MS)
  return { hop, breakers }
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
