import { VendorError } from '#api/core/errors.ts'
import { inTime } from '#api/core/in-time.ts'
import type { VendorName, Vendors } from '#api/core/vendors.ts'
import type { featureNames, hopReasons, hopStates } from './contract.ts'

export type HopState = (typeof hopStates)[number]
export type FeatureName = (typeof featureNames)[number]

/** One hop on the way of a feature: whether it can be taken, and what to do when it cannot. */
export type Hop = {
  name: string
  state: HopState
  reason: Reason | null
  /** The settings to look at. */
  settings: string[]
  /** Both empty for a hop that works. */
  problem: string
  fix: string
}
export type Reason = (typeof hopReasons)[number]
export type Feature = { name: FeatureName; state: HopState; failing: Hop | null }

/** What each feature needs, in the order in which a call or a click takes it. */
const needs: Record<FeatureName, string[]> = {
  'sign-in': ['configuration', 'database', 'clerk', 'api', 'console'],
  'inbound-calls': ['configuration', 'database', 'twilio', 'elevenlabs', 'voice gateway', 'worker'],
  recordings: ['configuration', 'database', 'storage', 'voice gateway', 'api'],
  wallet: ['configuration', 'database', 'api'],
  mail: ['configuration', 'mail', 'worker'],
  knowledge: ['configuration', 'database', 'storage', 'openai', 'worker'],
  'top-ups': ['configuration', 'stripe'],
}

const worstFirst: readonly HopState[] = ['fails', 'degraded', 'not configured']

export function featuresOf(hops: readonly Hop[]): Feature[] {
  const byName = new Map(hops.map((hop) => [hop.name, hop]))
  return Object.entries(needs).map(([name, names]) => {
    const own = names.flatMap((hop) => byName.get(hop) ?? [])
    const failing =
      worstFirst.flatMap((state) => own.find((hop) => hop.state === state) ?? [])[0] ?? null
    const sandboxed = own.some(({ state }) => state === 'sandboxed')
    const state = failing?.state ?? (sandboxed ? 'sandboxed' : 'works')
    return { name: name as FeatureName, state, failing } // the keys of `needs` are the names
  })
}

/** Whether a vendor is the real one, a stand-in, or none. */
export type VendorSetup = Record<VendorName, 'real' | 'sandboxed' | 'absent'>

export type Step = {
  name: string
  setup: 'real' | 'sandboxed' | 'absent'
  settings: string[]
  take(): Promise<unknown>
}

const NOBODY = '+15005550006'

/** A question to each vendor that changes nothing, needs good credentials and costs next to nothing. */
export const vendorSteps = (
  vendors: Vendors,
  setup: VendorSetup,
): (Step & { name: VendorName })[] => [
  {
    name: 'storage',
    setup: setup.storage,
    settings: ['STORAGE_URL'],
    take: async () => (await vendors.storage.get('status/probe'))?.stream.cancel(),
  },
  {
    name: 'twilio',
    setup: setup.twilio,
    settings: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
    take: () => vendors.twilio.findNumber(NOBODY),
  },
  {
    name: 'elevenlabs',
    setup: setup.elevenlabs,
    settings: ['ELEVENLABS_API_KEY'],
    take: () => vendors.elevenLabs.listConversations({ startedAfter: new Date(), pageSize: 1 }),
  },
  {
    name: 'clerk',
    setup: setup.clerk,
    settings: ['CLERK_SECRET_KEY'],
    take: () => vendors.clerk.fetchUser('user_doctor'),
  },
  {
    name: 'mail',
    setup: setup.mail,
    settings: ['SMTP_URL'],
    take: () => vendors.mail.verify(),
  },
  {
    name: 'openai',
    setup: setup.openai,
    settings: ['OPENAI_API_KEY'],
    take: () => vendors.openAi.embed(['doctor']),
  },
  {
    name: 'stripe',
    setup: setup.stripe,
    settings: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
    take: async () => await vendors.stripe?.findPayment('pi_doctor'),
  },
]

/** Takes one step for real; past the deadline it counts as failed, and nobody waits for it. */
export async function takeStep(step: Step, deadlineMs: number): Promise<Hop> {
  const { name, setup, settings } = step
  if (setup === 'absent') return hopOf(step, 'not configured', 'not_configured', 'No key is set.')
  try {
    const taken = await inTime(step.take(), deadlineMs, () => TOO_SLOW)
    if (taken === TOO_SLOW)
      return hopOf(step, 'fails', 'too_slow', `It did not answer within ${deadlineMs} ms.`)
    return {
      name,
      state: setup === 'real' ? 'works' : 'sandboxed',
      reason: null,
      settings,
      ...fine,
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return hopOf(step, 'fails', reasonOf(error), problem)
  }
}

/** A vendor that answers whoever asks here may still be given up for now by a process that runs. */
export function degradedBy(hop: Hop, away: readonly string[]): Hop {
  const isFine = hop.state === 'works' || hop.state === 'sandboxed'
  return isFine && away.includes(hop.name) ? awayHop({ ...hop, setup: 'real' }) : hop
}

export const awayHop = (step: Omit<Step, 'take'>): Hop =>
  hopOf(step, 'degraded', 'breaker_open', 'It has not been answering, so nothing is sent for now.')

const TOO_SLOW: unique symbol = Symbol('too slow')
const fine = { problem: '', fix: '' }

/** A vendor that refuses us wants other credentials; one that cannot be reached wants patience or a network. */
function reasonOf(error: unknown): Reason {
  if (!(error instanceof VendorError)) return 'failed'
  if (error.status === undefined) return error.retryable ? 'unreachable' : 'failed'
  return error.status >= 500 ? 'failed' : 'refused'
}

export const hopOf = (
  { name, setup, settings }: Omit<Step, 'take'>,
  state: HopState,
  reason: Reason,
  problem: string,
): Hop => ({ name, state, reason, settings, problem, fix: fixOf(setup, reason, settings) })

function fixOf(setup: Step['setup'], reason: Reason, settings: string[]): string {
  if (reason === 'breaker_open')
    return 'Nothing to do here: one request tries it every 15 seconds. See what its status page says.'
  if (setup === 'sandboxed')
    return 'Its stand-in does not answer as it should: is `npm start` running?'
  if (reason === 'not_configured') return `Set ${settings.join(' and ')}.`
  if (reason === 'unreachable' || reason === 'too_slow')
    return 'It cannot be reached from here: check the network and its base URL.'
  return `Check ${settings.join(' and ')}.`
}
