import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '#db/client.ts'
import { createQueue } from '#db/queue.ts'
import { buildApp } from './app.ts'
import { loadConfig } from './core/config.ts'
import { attempt, endOnUnknownFailure } from './core/guard.ts'
import { createHealth } from './core/health.ts'
import { createLogger } from './core/log.ts'
import { addBreakerMetrics, createMetrics } from './core/metrics.ts'
import { createKeyring } from './core/sealing.ts'
import { createSigner } from './core/signer.ts'
import { startTracing, stopTracing } from './core/tracing.ts'
import { keepHeartbeat } from './domains/operations/service.ts'
import { anonymousContext } from './http/organization.ts'
import { jobs, subscriptions } from './subscriptions.ts'
import { VendorBreakers } from './vendors/breakers.ts'
import { createVendors } from './vendors/create.ts'

const STEP_DEADLINE_MS = 7_000 // THREATS F26: four steps fit the 30 s after the drain
const NOTICE_MS = 500 // load balancers must see `/readyz` fail before connections are refused

const config = loadConfig()
const log = createLogger({ name: 'api', level: config.logLevel })
await startTracing({ service: 'api', endpoint: config.tracesEndpoint, log })
const metrics = createMetrics('api')
const database = await openDatabase({ ...config.database, applicationName: 'api', log })
const queue = await createQueue({
  url: config.database.url,
  subscriptions,
  jobs,
  applicationName: 'api',
  log,
})
const breakers = new VendorBreakers({ log })
addBreakerMetrics(metrics, breakers)
const vendors = createVendors(config, breakers)
const health = createHealth({
  name: 'api',
  checks: { database: () => database.ping() },
  metrics,
  metricsToken: config.metricsToken,
})
const deps = {
  config,
  database,
  queue,
  vendors,
  signer: createSigner(config.encryptionKeys[0]!.key.toString('base64')),
  keyring: createKeyring(config.encryptionKeys),
  log,
  now: () => new Date(),
  metrics,
  health,
}
const { app } = await buildApp(deps)

let ending: Promise<void> | undefined
const end = () => (ending ??= shutDown())
endOnUnknownFailure(log, end)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    void end().then(() => process.exit(0))
  })
}
const address = await app.listen({ host: config.host, port: config.ports.api })
log.info({ address }, 'the API is up')
const heartbeat = keepHeartbeat(anonymousContext(deps, randomUUID()), {
  kind: 'api',
  name: 'api',
  breakers,
  isDraining: () => health.isDraining,
})

/** Readiness off, then the requests in flight, then what they stand on; each step with its deadline. */
async function shutDown(): Promise<void> {
  log.info('the API is going down')
  health.drain()
  await sleep(NOTICE_MS)
  await step('requests', () => app.close())
  await Promise.all([step('queue', () => queue.close()), step('heartbeat', () => heartbeat.stop())])
  // Together: what is left to send waits for nobody, and must not make the shutdown longer.
  await Promise.all([step('database', () => database.close()), step('traces', stopTracing)])
  await step('vendors', async () => vendors.close())
}

async function step(name: string, run: () => Promise<unknown>): Promise<void> {
  const late = sleep(STEP_DEADLINE_MS, 'late' as const, { ref: false })
  const outcome = await Promise.race([attempt(log, `close.${name}`, run), late])
  if (outcome === 'late') log.warn({ step: name }, 'a step of the shutdown took too long')
}
