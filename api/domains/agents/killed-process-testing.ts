import { randomUUID } from 'node:crypto'
import http from 'node:http'
import pg from 'pg'
import { z } from 'zod'
import { loadConfig } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import { createLogger } from '#api/core/log.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import { createVendors } from '#api/vendors/create.ts'
import { openDatabase } from '#db/client.ts'
import { type Deed, perform } from './kill-testing.ts'

/**
 * A process of its own that does one thing at ElevenLabs and ends itself with SIGKILL right before the n-th step it
 * takes (a statement, a request, or the end of an answer), or after the last. Says how many it took where it got to
 * its end.
 */
const [, , urls, point, deed] = process.argv
const { app, platform } = z
  .object({ app: z.string(), platform: z.string() })
  .parse(JSON.parse(urls ?? ''))
const config = loadConfig()
const log = createLogger({ name: 'killed', level: 'silent' })
const database = await openDatabase({
  url: app,
  platformUrl: platform,
  applicationName: 'killed',
  max: 2,
  log,
})
const ctx: Context = {
  database,
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

let steps = 0
const step = () => {
  if (++steps === Number(point)) process.kill(process.pid, 'SIGKILL')
}
const query = pg.Client.prototype.query
pg.Client.prototype.query = function counted(this: pg.Client, ...sent: unknown[]) {
  step()
  return Reflect.apply(query, this, sent)
} as typeof query
const request = http.request
http.request = ((...sent: unknown[]) => {
  step()
  const made = Reflect.apply(request, http, sent) as http.ClientRequest
  // ElevenLabs has done it, and nobody here will ever know.
  return made.once('response', step)
}) as typeof request

await perform(ctx, JSON.parse(deed ?? '') as Deed)
process.stdout.write(`${steps}`, () => process.kill(process.pid, 'SIGKILL'))
