import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import path from 'node:path'
import type { z } from 'zod'
import { loadConfig } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import { createLogger } from '#api/core/log.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import { isSettled } from '#api/domains/calls/service.ts'
import { storeRecording } from '#api/domains/recordings/service.ts'
import { subscriptions } from '#api/subscriptions.ts'
import { createVendors } from '#api/vendors/create.ts'
import { openDatabase } from '#db/client.ts'
import { createQueue } from '#db/queue.ts'
import {
  type ArchiveRequest,
  type archiveAnswer,
  archiveRequest,
  segmentsBelow,
} from './archivist.ts'
import { renderCall } from './tape/render.ts'
import { splitCall } from './tape/split.ts'

type Answer = z.output<typeof archiveAnswer>

const CONNECTIONS = 2

// Media of living calls comes first on a busy machine.
setPriority(constants.priority.PRIORITY_LOW)

const config = loadConfig()
// Speech in the clear: kept beside the spool, and what a killed predecessor left of it goes.
const workFolder = path.join(config.dataDir, 'archiving', config.gateway.name)
await rm(workFolder, { recursive: true, force: true })
await mkdir(workFolder, { recursive: true, mode: 0o700 })
const log = createLogger({ name: `archiver-${config.gateway.name}`, level: config.logLevel })
const database = await openDatabase({
  url: config.database.url,
  platformUrl: config.database.platformUrl,
  max: CONNECTIONS,
  applicationName: 'archiver',
  log,
})
const queue = await createQueue({ url: config.database.url, subscriptions, log })
const ctx: Context = {
  database,
  actor: { kind: 'job', name: 'recordings.archive' },
  organizationId: null,
  requestId: randomUUID(),
  log,
  now: () => new Date(),
  queue,
  signer: createSigner(config.encryptionKeys[0]!.key.toString('base64')),
  keyring: createKeyring(config.encryptionKeys),
  publicWebUrl: config.publicWebUrl,
  vendors: createVendors(config),
}

// One at a time: two renderings would only slow each other down.
let work: Promise<void> = Promise.resolve()
process.on('message', (message) => {
  const asked = archiveRequest.parse(message)
  work = work.then(async () => {
    const answer: Answer = { label: asked.label, outcome: await archive(asked) }
    // A gateway that ends just now does not take it, and its next life asks again.
    process.send?.(answer, undefined, undefined, () => {})
  })
})
// The gateway is gone, however it ended; its next life asks again.
process.on('disconnect', () => {
  void work.then(() => Promise.all([queue.close(), database.close()])).then(() => process.exit(0))
})

/** Gathers a call's records, renders them and stores what came out; safe to do again at any point. */
async function archive(asked: ArchiveRequest): Promise<Answer['outcome']> {
  const folder = await mkdtemp(path.join(workFolder, 'call-'))
  try {
    if (!(await isSettled(ctx, asked))) return 'later'
    if (!asked.isWhole) return 'settled'
    const tape = path.join(folder, 'call.tape')
    // Listed only now: the calls before it have been stored since it was asked for, and their segments are gone.
    const files = await segmentsBelow(asked.spoolRoot)
    const split = await splitCall({ files, callId: asked.label, target: tape })
    if (!split) return 'empty'
    const { lostRecords, isTorn } = split
    if (lostRecords > 0 || isTorn)
      log.warn({ callId: asked.callId, lostRecords, isTorn }, 'a recording misses something')
    const wav = path.join(folder, 'call.wav')
    const { durationMs, peaks } = await renderCall(tape, wav)
    return await storeRecording(ctx, {
      organizationId: asked.organizationId,
      callId: asked.callId,
      wav: await readFile(wav),
      tape: await readFile(tape),
      peaks: {
        durationMs,
        perSecond: 1_000 / peaks.stretchMs,
        customer: peaks.customer,
        agent: peaks.agent,
      },
      lostRecords,
      isTorn,
    })
  } catch (error) {
    log.warn({ err: error, callId: asked.callId }, 'a recording could not be made yet')
    return 'later'
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
