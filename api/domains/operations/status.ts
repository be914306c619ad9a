import type { z } from 'zod'
import { vendorNames } from '#api/contract/vendors.ts'
import { asPlatform, type Context } from '#api/core/context.ts'
import { unavailable } from '#api/core/errors.ts'
import { inTime } from '#api/core/in-time.ts'
import { kept } from '#api/core/kept.ts'
import { sumOpenHolds } from '#api/domains/wallet/service.ts'
import * as desk from '#db/job-desk.ts'
import { type platformStatus, type processStatus, webhookVendors } from './contract.ts'
import {
  awayHop,
  degradedBy,
  featuresOf,
  type Hop,
  hopOf,
  type Step,
  takeStep,
  type VendorSetup,
  vendorSteps,
} from './diagnosis.ts'
import { LOST_AFTER_SECONDS } from './heartbeat.ts'
import * as queries from './queries.ts'

export type StatusDeps = { setup: VendorSetup; consoleUrl: string }
type Status = z.output<typeof platformStatus>
type ProcessStatus = z.output<typeof processStatus>

const STEP_MS = 1_500 // the whole answer has two seconds, also where a vendor hangs
const KEPT_MS = 10_000 // pages that are open ask every few seconds; the vendors are asked once
const FACTS_KEPT_MS = 2_000
const RETRY_SECONDS = 5
const MAX_PROCESSES = 200

/** What the office is told of the platform. Many who ask at once cost one look. */
export function createStatusDesk(deps: StatusDeps): (ctx: Context) => Promise<Status> {
  const look = kept(KEPT_MS, (ctx: Context) => takeSteps(ctx, deps))
  const count = kept(FACTS_KEPT_MS, readFacts)
  return async (ctx) => {
    const [taken, facts] = await Promise.all([look(ctx), inTime(count(ctx), STEP_MS, tooLate)])
    const hops = [...taken.map((hop) => degraded(ctx, hop, facts.processes)), ...ofProcesses(facts)]
    return {
      checkedAt: ctx.now(),
      features: featuresOf(hops).map(({ name, state, failing }) => ({
        name,
        state,
        failing: failing ? hopNameOf(failing) : null,
      })),
      hops: hops.map((hop) => ({
        name: hopNameOf(hop),
        state: hop.state,
        reason: hop.reason,
        settings: hop.settings,
      })),
      ...facts,
    }
  }
}

// Every hop here is made below or in `vendorSteps`, with one of the contract's names.
const hopNameOf = ({ name }: Hop) => name as Status['hops'][number]['name']

async function takeSteps(ctx: Context, { setup, consoleUrl }: StatusDeps): Promise<Hop[]> {
  const vendors = vendorSteps(ctx.vendors, setup).map((step) =>
    ctx.vendors.isAway(step.name) ? Promise.resolve(awayHop(step)) : takeStep(step, STEP_MS),
  )
  const console: Step = {
    name: 'console',
    setup: 'real',
    settings: ['PUBLIC_WEB_URL'],
    take: () => serves(`${consoleUrl}/livez`),
  }
  const database: Step = {
    name: 'database',
    setup: 'real',
    settings: ['DATABASE_URL', 'DATABASE_PLATFORM_URL'],
    take: () => ctx.database.ping(),
  }
  return Promise.all([takeStep(database, STEP_MS), ...vendors, takeStep(console, STEP_MS)])
}

async function serves(url: string): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(STEP_MS) })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`it answers ${answer.status}`)
}

/** Also where it answers here, but a process that lives has given it up. */
function degraded(ctx: Context, hop: Hop, processes: readonly ProcessStatus[]): Hop {
  const theirs = processes
    .filter(({ state }) => state !== 'lost')
    .flatMap(({ breakers }) => breakers.filter(({ state }) => state === 'open'))
  const ours = vendorNames.filter((vendor) => ctx.vendors.isAway(vendor))
  return degradedBy(hop, [...theirs.map(({ vendor }) => vendor), ...ours])
}

/** A kind of process works where one of it lives and takes work. */
function ofProcesses({ processes }: Pick<Status, 'processes'>): Hop[] {
  const hop = (name: string, kind: ProcessStatus['kind']): Hop => {
    const living = processes.filter((one) => one.kind === kind && one.state !== 'lost')
    const step = { name, setup: 'real' as const, settings: [] }
    if (living.some(({ state }) => state === 'live'))
      return { name, state: 'works', reason: null, settings: [], problem: '', fix: '' }
    if (living.length > 0) return hopOf(step, 'fails', 'draining', 'It takes no new work.')
    return hopOf(step, 'fails', 'no_process', 'None runs.')
  }
  return [hop('api', 'api'), hop('worker', 'worker'), hop('voice gateway', 'voice')]
}

async function readFacts(ctx: Context) {
  return asPlatform(ctx, async (tx) => {
    const rows = await queries.listProcesses(tx.db, MAX_PROCESSES)
    const queues = await desk.listQueues(tx.db)
    const newest = await queries.findNewestVerification(tx.db)
    const webhooks: Status['webhooks'] = []
    for (const vendor of webhookVendors)
      webhooks.push({ vendor, ...(await queries.findWebhookLag(tx.db, vendor)) })
    const ages = queues.flatMap(({ oldestWaitingSeconds: age }) => (age === null ? [] : [age]))
    return {
      processes: rows.map(processOf),
      queues: {
        waiting: total(queues.map(({ waiting }) => waiting)),
        active: total(queues.map(({ active }) => active)),
        failed: total(queues.map(({ failed }) => failed)),
        oldestWaitingSeconds: ages.length > 0 ? Math.max(...ages) : null,
      },
      holds: await sumOpenHolds(tx),
      verification: newest ?? null,
      webhooks,
    }
  })
}

function processOf({
  unheardSeconds,
  isDraining,
  breakers,
  ...row
}: Awaited<ReturnType<typeof queries.listProcesses>>[number]): ProcessStatus {
  const isLost = unheardSeconds > LOST_AFTER_SECONDS
  return {
    ...row,
    state: isLost ? 'lost' : isDraining ? 'draining' : 'live',
    breakers: breakers
      .filter(({ account }) => account === null)
      .map(({ vendor, state }) => ({ vendor, state })),
    tenantAccountsAway: breakers.filter(({ account }) => account !== null).length,
  }
}

const total = (counts: number[]): number => counts.reduce((sum, one) => sum + one, 0)

const tooLate = (): never => {
  throw unavailable(RETRY_SECONDS)
}
