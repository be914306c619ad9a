import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { loadConfig } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import { endOnUnknownFailure } from '#api/core/guard.ts'
import { createHealth } from '#api/core/health.ts'
import { inTime } from '#api/core/in-time.ts'
import { createLogger } from '#api/core/log.ts'
import { addBreakerMetrics, createMetrics } from '#api/core/metrics.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import { startTracing, stopTracing } from '#api/core/tracing.ts'
import { keepHeartbeat } from '#api/domains/operations/service.ts'
import { jobs, subscriptions } from '#api/subscriptions.ts'
import { VendorBreakers } from '#api/vendors/breakers.ts'
import { createVendors } from '#api/vendors/create.ts'
import { openDatabase } from '#db/client.ts'
import { createQueue } from '#db/queue.ts'
import { buildOwnApp, buildTwilioApp } from './app.ts'
import { Archivist, spoolFolder, tapeLabel } from './archivist.ts'
import { systemClock } from './clock.ts'
import { Gateway } from './gateway.ts'
import { addGatewayMetrics } from './metrics.ts'
import { NoticeBook } from './notices.ts'
import { PendingSpool } from './pending-spool.ts'
import { keepSettings } from './settings.ts'
import { Spool } from './tape/spool.ts'
import { connectOwn } from './ws/connect.ts'
import { connectWs } from './ws/library.ts'

const SHED_DELAY_MS = 250 // ten times what a caller would not notice yet
// New calls take nine tenths of it (THREATS F12): a thousand, what one core carries with p99 delay under 20 ms.
const MAX_CALLS = 1_111
const STEP_DEADLINE_MS = 4_000 // THREATS F26: five steps and the handover before them, in 30 s

const config = loadConfig()
const log = createLogger({ name: config.gateway.name, level: config.logLevel })
await startTracing({
  service: 'voice',
  instance: config.gateway.name,
  endpoint: config.tracesEndpoint,
  log,
})
const metrics = createMetrics(config.gateway.name)
const database = await openDatabase({
  url: config.database.url,
  platformUrl: config.database.platformUrl,
  applicationName: config.gateway.name,
  log,
})
const breakers = new VendorBreakers({ log })
addBreakerMetrics(metrics, breakers)
const vendors = createVendors(config, breakers)
const queue = await createQueue({ url: config.database.url, subscriptions, jobs, log })
const ctx: Context = {
  database,
  actor: { kind: 'voice', gateway: config.gateway.name },
  organizationId: null,
  requestId: randomUUID(),
  log,
  now: () => new Date(),
  queue,
  signer: createSigner(config.encryptionKeys[0]!.key.toString('base64')),
  keyring: createKeyring(config.encryptionKeys),
  publicWebUrl: config.publicWebUrl,
  vendors,
}
const spoolRoot = path.join(config.dataDir, 'spool')
const spool = await Spool.open({
  dir: spoolFolder(spoolRoot, config.gateway.name),
  gateway: config.gateway.name,
  clock: systemClock,
  maxBytes: config.tapeSpoolBytes,
  onError: (error) => log.error({ err: error }, 'the tape could not be written'),
})
const archivist = new Archivist({
  root: spoolRoot,
  spool,
  clock: systemClock,
  log,
  program: path.join(import.meta.dirname, 'archiver.ts'),
})
const notices = new NoticeBook(path.join(config.dataDir, 'notices'), vendors.elevenLabs, log)
await notices.load()
const settings = await keepSettings(ctx, systemClock)
const pending = new PendingSpool(path.join(config.dataDir, 'pending', config.gateway.name))
const gateway = new Gateway({
  ctx,
  clock: systemClock,
  name: config.gateway.name,
  address: config.gateway.url.replace(/^http/, 'ws'),
  notices,
  pending,
  settings,
  openTape: (call) => spool.call(tapeLabel(call)),
  callOver: (call) => archivist.callOver(call),
  openAgentSocket: config.mediaSockets === 'own' ? connectOwn : connectWs,
  maxCalls: MAX_CALLS,
  shedDelayMs: SHED_DELAY_MS,
})
const health = createHealth({
  name: config.gateway.name,
  checks: { database: () => database.ping() },
  metrics,
  metricsToken: config.metricsToken,
})
addGatewayMetrics(metrics, gateway, spool)

const deps = { ctx, clock: systemClock, gateway, notices, config, metrics, health }
const twilioApp = await buildTwilioApp(deps)
const ownApp = await buildOwnApp(deps)
await ownApp.listen({ host: config.host, port: config.ports.voiceOwn })
await listenShared()
const heartbeat = keepHeartbeat(ctx, {
  kind: 'voice',
  name: config.gateway.name,
  breakers,
  isDraining: () => gateway.isDraining,
  gateway: () => ({
    calls: gateway.callCount,
    pendingCalls: pending.depth,
    unwrittenTapeBytes: spool.stats().waitingBytes,
  }),
})
archivist.takeLeftovers().catch((error: unknown) => {
  log.error({ err: error }, 'tapes of an earlier life could not be read')
})
log.info({ port: config.ports.voice, ownPort: config.ports.voiceOwn }, 'voice gateway is up')

endOnUnknownFailure(log, () => shutDown(0))
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    shutDown(config.drainSeconds * 1000).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the shutdown failed')
        process.exit(1)
      },
    )
  })

/** All gateways of a machine share one port, so a dead one's calls reach a living one. */
async function listenShared(): Promise<void> {
  const { host, ports } = config
  const reusePort = process.platform === 'linux'
  await twilioApp.ready()
  await new Promise<void>((resolve, reject) => {
    twilioApp.server.once('error', reject)
    twilioApp.server.listen({ host, port: ports.voice, reusePort }, resolve)
  })
}

/** Readiness off, stop accepting, drain or hand over, flush the spool, close the rest (THREATS 11). */
async function shutDown(drainMs: number): Promise<void> {
  health.drain()
  twilioApp.server.close()
  await gateway.drain(drainMs)
  await within(archivist.stop(), 'archiver')
  await within(spool.close(), 'spool')
  gateway.stop()
  settings.stop()
  await Promise.all([
    within(twilioApp.close(), 'twilio server'),
    within(ownApp.close(), 'own server'),
  ])
  await Promise.all([within(queue.close(), 'queue'), within(heartbeat.stop(), 'heartbeat')])
  vendors.close()
  // Together: what is left to send waits for nobody, and must not make the shutdown longer.
  await Promise.all([within(database.close(), 'database'), within(stopTracing(), 'traces')])
}

async function within(step: PromiseLike<unknown>, what: string): Promise<void> {
  await inTime(step, STEP_DEADLINE_MS, () =>
    log.warn({ what }, 'a shutdown step did not end in time'),
  )
}
