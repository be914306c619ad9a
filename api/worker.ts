import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '#db/client.ts'
import { createQueue } from '#db/queue.ts'
import { type Schedule, startWorkers } from '#db/workers.ts'
import { loadConfig } from './core/config.ts'
import { asPlatform, type Context } from './core/context.ts'
import { attempt, endOnUnknownFailure, guard } from './core/guard.ts'
import { createHealth, listenHealth } from './core/health.ts'
import { forgetAnswersJob } from './core/idempotency/jobs.ts'
import { forgetRejectionsJob } from './core/inbox/jobs.ts'
import type { Job } from './core/jobs.ts'
import { createLogger } from './core/log.ts'
import { addBreakerMetrics, createMetrics } from './core/metrics.ts'
import { deleteWindowsJob } from './core/rate-limits/jobs.ts'
import { createKeyring } from './core/sealing.ts'
import { rewrapDataKeysJob } from './core/secrets/jobs.ts'
import { createSigner } from './core/signer.ts'
import { startTracing, stopTracing } from './core/tracing.ts'
import { sweepRunsJob } from './domains/agent-tests/jobs.ts'
import { compareAgentsJob, sweepAgentsJob } from './domains/agents/jobs.ts'
import { anchorAuditHeadsJob } from './domains/audit/jobs.ts'
import { endAbandonedCallsJob, pollConversationsJob } from './domains/calls/jobs.ts'
import { meterCarriedCallsJob } from './domains/calls/meter-carried-job.ts'
import { pollNativeConversationsJob } from './domains/calls/take-in-jobs.ts'
import { sweepCopiesJob, sweepDocumentsJob } from './domains/knowledge/jobs.ts'
import { verifyPlatformJob } from './domains/operations/jobs.ts'
import { keepHeartbeat } from './domains/operations/service.ts'
import { pickUpOverdueJob } from './domains/outgoing-webhooks/jobs.ts'
import { checkAllDriftJob, convergeUnfinishedJob } from './domains/phone-numbers/jobs.ts'
import { compareAllJob } from './domains/reconciliation/jobs.ts'
import { foldDaysJob, repairUsageJob } from './domains/usage/jobs.ts'
import { reconcileTopUpsJob } from './domains/wallet/jobs.ts'
import { addPlatformMetrics } from './platform-metrics.ts'
import { jobs, subscriptions } from './subscriptions.ts'
import { VendorBreakers } from './vendors/breakers.ts'
import { createVendors } from './vendors/create.ts'

const JOB_STATEMENT_MS = 60_000 // THREATS B6
const JOBS_GRACE_SECONDS = 20 // for jobs in flight; the steps after it fit the 30 s of THREATS F26
const STEP_DEADLINE_MS = 3_000
// A dead gateway's calls are settled within 60 s of the media's end (F4): 20 s of lease, then these two.
const SWEEP_MS = 5_000
// While the database was away nobody could renew a lease: living owners get this long to do it first (F7).
const STEADY_MS = 10_000

/** What runs by the clock. Cron knows no seconds; the sweep has a timer of its own. */
const schedules: Schedule[] = [
  // THREATS F15: what ElevenLabs' webhooks did not tell is asked for within five minutes.
  { job: asJob(pollConversationsJob), cron: '*/2 * * * *', data: {} },
  { job: asJob(foldDaysJob), cron: '* * * * *', data: {} },
  { job: asJob(pickUpOverdueJob), cron: '* * * * *', data: {} },
  { job: asJob(sweepDocumentsJob), cron: '*/2 * * * *', data: {} },
  { job: asJob(sweepCopiesJob), cron: '37 * * * *', data: {} },
  { job: asJob(sweepAgentsJob), cron: '*/2 * * * *', data: {} },
  // A run of a test whose worker died begins anew within a minute and a half.
  { job: asJob(sweepRunsJob), cron: '* * * * *', data: {} },
  // What somebody changed at ElevenLabs behind our back is known within the hour.
  { job: asJob(compareAgentsJob), cron: '*/10 * * * *', data: {} },
  // Goes on where whoever worked on a number at the vendors was killed.
  { job: asJob(convergeUnfinishedJob), cron: '* * * * *', data: {} },
  { job: asJob(pollNativeConversationsJob), cron: '*/5 * * * *', data: {} },
  { job: asJob(checkAllDriftJob), cron: '17 * * * *', data: {} },
  // After a key was put in front of ENCRYPTION_KEYS, until the old one can go.
  { job: asJob(rewrapDataKeysJob), cron: '23 * * * *', data: {} },
  // THREATS 9: the heads of the audit chains leave the database every day.
  { job: asJob(anchorAuditHeadsJob), cron: '10 0 * * *', data: {} },
  // Also what fills the sums of calls that were settled before there were any.
  { job: asJob(repairUsageJob), cron: '41 3 * * *', data: {} },
  { job: asJob(compareAllJob), cron: '27 4 * * *', data: {} },
  // THREATS Z5: after the night's sums and comparisons.
  { job: asJob(verifyPlatformJob), cron: '7 5 * * *', data: {} },
  { job: asJob(forgetRejectionsJob), cron: '11 4 * * *', data: {} },
  // THREATS F19: what Stripe's webhooks did not tell.
  { job: asJob(reconcileTopUpsJob), cron: '*/10 * * * *', data: {} },
  { job: asJob(forgetAnswersJob), cron: '7 * * * *', data: {} },
  { job: asJob(deleteWindowsJob), cron: '*/10 * * * *', data: {} },
]

const config = loadConfig()
const log = createLogger({ name: 'worker', level: config.logLevel })
const { ownerUrl } = config.database
if (!ownerUrl) throw new Error('The worker needs DATABASE_OWNER_URL: it maintains the job tables.')

await startTracing({ service: 'worker', endpoint: config.tracesEndpoint, log })
const metrics = createMetrics('worker')
const database = await openDatabase({
  ...config.database,
  applicationName: 'worker',
  statementTimeoutMs: JOB_STATEMENT_MS,
  log,
})
const queue = await createQueue({
  url: config.database.url,
  subscriptions,
  jobs,
  applicationName: 'worker',
  log,
})
const breakers = new VendorBreakers({ log })
addBreakerMetrics(metrics, breakers)
const vendors = createVendors(config, breakers)
const keyring = createKeyring(config.encryptionKeys)
const signer = createSigner(config.encryptionKeys[0]!.key.toString('base64'))

const contextFor = (job: Pick<Job, 'name'>): Context => {
  const requestId = randomUUID()
  return {
    database,
    actor: { kind: 'job', name: job.name },
    organizationId: null,
    requestId,
    log: log.child({ job: job.name, requestId }),
    now: () => new Date(),
    queue,
    signer,
    keyring,
    publicWebUrl: config.publicWebUrl,
    vendors,
  }
}
addPlatformMetrics(metrics, contextFor({ name: 'metrics' }))
const workers = await startWorkers({
  ownerUrl,
  jobs,
  contextFor,
  schedules,
  workersAQueue: config.jobWorkers,
  log,
})
let steadySinceMs = performance.now()
let lastTickMs = steadySinceMs
const sweep = setInterval(
  guard(
    log,
    'sweep',
    async () => {
      const now = performance.now()
      // A tick that comes late waited for the database, or this very process stood still.
      if (now - lastTickMs > 2 * SWEEP_MS) steadySinceMs = now
      lastTickMs = now
      await database.ping()
      if (performance.now() - now > SWEEP_MS) steadySinceMs = performance.now()
      if (performance.now() - steadySinceMs < STEADY_MS) return
      await asPlatform(contextFor(endAbandonedCallsJob), (tx) =>
        tx.enqueue(endAbandonedCallsJob, {}),
      )
      await asPlatform(contextFor(meterCarriedCallsJob), (tx) =>
        tx.enqueue(meterCarriedCallsJob, {}),
      )
    },
    () => {
      steadySinceMs = performance.now()
    },
  ),
  SWEEP_MS,
)

const health = createHealth({
  name: 'worker',
  checks: { database: () => database.ping() },
  metrics,
  metricsToken: config.metricsToken,
})
const server = await listenHealth(health, config.ports.worker, config.host)
const heartbeat = keepHeartbeat(contextFor({ name: 'heartbeat' }), {
  kind: 'worker',
  name: 'worker',
  breakers,
  isDraining: () => health.isDraining,
})
log.info({ port: config.ports.worker, jobs: jobs.length }, 'the worker is up')

let ending: Promise<void> | undefined
const end = () => (ending ??= shutDown())
endOnUnknownFailure(log, end)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    void end().then(() => process.exit(0))
  })
}

/** Readiness off, no new jobs, those in flight to their end, then what they stand on. */
async function shutDown(): Promise<void> {
  log.info('the worker is going down')
  health.drain()
  clearInterval(sweep)
  await step('jobs', () => workers.stop(JOBS_GRACE_SECONDS), JOBS_GRACE_SECONDS * 1000)
  await Promise.all([step('queue', () => queue.close()), step('heartbeat', () => heartbeat.stop())])
  // Together: what is left to send waits for nobody, and must not make the shutdown longer.
  await Promise.all([step('database', () => database.close()), step('traces', stopTracing)])
  vendors.close()
  server.closeAllConnections()
  server.close()
}

async function step(name: string, run: () => Promise<unknown>, deadlineMs = STEP_DEADLINE_MS) {
  const late = sleep(deadlineMs, 'late' as const, { ref: false })
  const outcome = await Promise.race([attempt(log, `close.${name}`, run), late])
  if (outcome === 'late') log.warn({ step: name }, 'a step of the shutdown took too long')
}

/** The list holds jobs of different data; each is given data of its own kind. */
function asJob(job: unknown): Job {
  return job as Job
}
