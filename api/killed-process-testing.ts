import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { flushCompileCache } from 'node:module'
import pg from 'pg'
import { z } from 'zod'
import { openDatabase } from '#db/client.ts'
import { loadConfig } from './core/config.ts'
import type { Context } from './core/context.ts'
import { createLogger } from './core/log.ts'
import { createKeyring } from './core/sealing.ts'
import { createSigner } from './core/signer.ts'
import { createVendors } from './vendors/create.ts'

// Selected, they write.
const OUR_FUNCTIONS = /\b(wallet_\w+|take_call_slot)\(/

/**
 * A process of its own that does one deed and ends itself with SIGKILL right before its n-th step out of itself, or
 * after the last: a statement to the database, a request to a vendor, or its answer (the vendor has done it, and
 * nobody here will ever know). Where it gets to its end it says what steps it took.
 */
const [, , urls = '', performer = '', point = '', deed = ''] = process.argv
const { perform } = z
  .object({ perform: z.custom<Perform>((given) => typeof given === 'function') })
  .parse(await import(performer))
const ctx = await contextOfOwnProcess()
// Whoever is killed leaves no cache behind unless it is written before.
flushCompileCache()

const taken: string[] = []
const step = (name: string) => {
  if (taken.push(name) === Number(point)) process.kill(process.pid, 'SIGKILL')
}
countStatements()
countRequests()
await perform(ctx, JSON.parse(deed))
process.stdout.write(JSON.stringify(taken), () => process.kill(process.pid, 'SIGKILL'))

type Perform = (ctx: Context, deed: unknown) => Promise<unknown>

/** What verbs need; jobs are not sent, as nobody works here. */
async function contextOfOwnProcess(): Promise<Context> {
  const { app, platform } = z
    .object({ app: z.string(), platform: z.string() })
    .parse(JSON.parse(urls))
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

/** A statement is called by its first word, or `function`. */
function countStatements(): void {
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function counted(this: pg.Client, ...sent: unknown[]) {
    const [statement] = sent
    const text = typeof statement === 'string' ? statement : Reflect.get(Object(statement), 'text')
    const isFunction = OUR_FUNCTIONS.test(String(text))
    step(isFunction ? 'function' : (/\w+/.exec(String(text))?.[0].toLowerCase() ?? ''))
    return Reflect.apply(query, this, sent)
  } as typeof query
}

function countRequests(): void {
  const { request } = http
  http.request = function counted(...sent: unknown[]) {
    const options = sent.find((part) => typeof part === 'object' && part && 'method' in part)
    const method = String(Reflect.get(Object(options), 'method') ?? 'GET')
    step(method)
    const made = Reflect.apply(request, http, sent) as http.ClientRequest
    return made.once('response', () => step(`${method} answered`))
  } as typeof request
}
