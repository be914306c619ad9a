import { randomUUID } from 'node:crypto'
import http from 'node:http'
import pg from 'pg'
import { z } from 'zod'
import { openDatabase } from '#db/client.ts'
import { loadConfig } from './core/config.ts'
import type { Context } from './core/context.ts'
import { createLogger } from './core/log.ts'
import { createKeyring } from './core/sealing.ts'
import { createSigner } from './core/signer.ts'
import { createVendors } from './vendors/create.ts'

const databaseUrls = z.object({ app: z.string(), platform: z.string() })

/** What a process of its own needs to call verbs; the databases it is given as JSON. */
export async function contextOfOwnProcess(urls: string): Promise<Context> {
  const { app, platform } = databaseUrls.parse(JSON.parse(urls))
  const config = loadConfig()
  const log = createLogger({ name: 'killed', level: 'silent' })
  return {
    database: await openDatabase({
      url: app,
      platformUrl: platform,
      applicationName: 'killed',
      max: 2,
      log,
    }),
    actor: { kind: 'job', name: 'killed' },
    organizationId: null,
    requestId: randomUUID(),
    log,
    now: () => new Date(),
    queue: { emit: async () => undefined, enqueue: async () => undefined },
    signer: createSigner('test'),
    keyring: createKeyring(config.encryptionKeys),
    publicWebUrl: config.publicWebUrl,
    vendors: createVendors(config),
  }
}

/**
 * Does something and ends this process with SIGKILL right before the n-th step out of it, or after the last: a
 * statement to the database, and where asked for a request to a vendor. Says how many steps it took to the end.
 */
export async function killedBefore(
  point: number,
  steps: { requests: boolean },
  work: () => Promise<void>,
): Promise<void> {
  let taken = 0
  const step = () => {
    if (++taken === point) process.kill(process.pid, 'SIGKILL')
  }
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function counted(this: pg.Client, ...sent: unknown[]) {
    step()
    return Reflect.apply(query, this, sent)
  } as typeof query
  const { request } = http
  http.request = function counted(...sent: unknown[]) {
    if (steps.requests) step()
    return Reflect.apply(request, http, sent)
  } as typeof request
  await work()
  process.stdout.write(`${taken}`, () => process.kill(process.pid, 'SIGKILL'))
}
