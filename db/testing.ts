import { spawn } from 'node:child_process'
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'
import pg from 'pg'
import { z } from 'zod'
import { type Database, openDatabase } from './client.ts'
import { DATABASE_NAME } from './embedded.ts'
import { codeOf } from './embedded-binaries.ts'
import { restrictDatabase } from './roles.ts'

export type TestRole = 'app' | 'platform' | 'owner' | 'admin'
export type TestDatabase = {
  database: Database
  urls: { app: string; platform: string; owner: string }
  /** One statement as a role, bound to a tenant where one is named. `admin` sees and may do everything. */
  query<Row extends pg.QueryResultRow>(
    role: TestRole,
    text: string,
    values?: unknown[],
    organizationId?: string,
  ): Promise<Row[]>
  /** An organization with an open wallet and, where wanted, money in it. */
  anOrganization(with_?: { balanceCents?: number; name?: string }): Promise<string>
  /** What the database client logged. */
  logged: { level: 'warn' | 'error'; message: string; fields: object }[]
  close(): Promise<void>
}

const START_DEADLINE_MS = 45_000 // making and migrating a cluster takes 1.5 s on a quiet machine
const POLL_MS = 20 // a test file waits this much longer than needed
const CONNECTIONS = 8 // as a process of the product has
const ADMIN_CONNECTIONS = 2 // for arranging and asserting, beside what is tested

const told = z.object({
  adminUrl: z.string(),
  urls: z.object({ app: z.string(), platform: z.string(), owner: z.string() }),
})

/** A migrated database of its own for one test file, on a server that the whole run shares. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await sharedServer()
  const name = `test_${randomBytes(8).toString('hex')}`
  await onAdmin(server.adminUrl, async (admin) => {
    await admin.query(`create database ${name} template ${DATABASE_NAME} owner voxcalls_owner`)
    await restrictDatabase(admin, name)
  })
  const at = (url: string) => {
    const changed = new URL(url)
    changed.pathname = `/${name}`
    return changed.href
  }
  const urls = {
    app: at(server.urls.app),
    platform: at(server.urls.platform),
    owner: at(server.urls.owner),
  }
  const logged: TestDatabase['logged'] = []
  const database = await openDatabase({
    url: urls.app,
    platformUrl: urls.platform,
    max: CONNECTIONS,
    applicationName: 'test',
    log: {
      warn: (fields, message) => logged.push({ level: 'warn', message, fields }),
      error: (fields, message) => logged.push({ level: 'error', message, fields }),
    },
  })
  const pools = new Map<TestRole, pg.Pool>()
  const poolOf = (role: TestRole): pg.Pool => {
    const url = role === 'admin' ? at(server.adminUrl) : urls[role]
    const known = pools.get(role)
    if (known) return known
    const pool = new pg.Pool({ connectionString: url, max: ADMIN_CONNECTIONS })
    // A pool has ended before its connections have, and the drop of the database tells those so.
    pool.on('error', (error) => {
      if (!pool.ending) throw error
    })
    pools.set(role, pool)
    return pool
  }

  const query: TestDatabase['query'] = async (role, text, values = [], organizationId = '') => {
    const client = await poolOf(role).connect()
    try {
      await client.query(
        `begin; set local app.organization_id = ${pg.escapeLiteral(organizationId)}`,
      )
      const { rows } = await client.query(text, values)
      await client.query('commit')
      return rows
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }

  return {
    database,
    urls,
    query,
    logged,
    async anOrganization({ balanceCents = 0, name = 'Test organization' } = {}) {
      const id = randomUUIDv7()
      await query('app', 'insert into organizations (id, name) values ($1, $2)', [id, name], id)
      await query('app', `select wallet_open($1, 'usd')`, [id], id)
      if (balanceCents > 0) {
        const values = [id, balanceCents, `grant:${id}`]
        await query('app', `select wallet_post($1, 'grant', $2, $3, null, '{}')`, values, id)
      }
      return id
    },
    async close() {
      await database.close()
      await Promise.all([...pools.values()].map((pool) => pool.end()))
      await onAdmin(server.adminUrl, (admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}

/** The run's server: whoever asks first starts its keeper, which ends when the run's main process has. */
async function sharedServer(): Promise<z.output<typeof told>> {
  const dir = path.join(tmpdir(), 'voxcalls-test', String(runPid()))
  fs.mkdirSync(dir, { recursive: true, mode: 0o711 })
  // Beside the folder, since a keeper that fails takes its folder with it.
  const log = `${dir}.log`
  if (claims(path.join(dir, 'claim'))) {
    const out = fs.openSync(log, 'a')
    const keeper = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'testing-server.ts'), dir, String(runPid())],
      { detached: true, stdio: ['ignore', out, out], cwd: '/' },
    )
    keeper.unref()
    keeper.once('exit', (code) => fs.appendFileSync(log, `the keeper ended with ${code}\n`))
    fs.closeSync(out)
  }
  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    const found = readIfThere(path.join(dir, 'server.json'))
    if (found) return told.parse(JSON.parse(found))
    const logged = readIfThere(log) ?? ''
    if (logged.includes('the keeper ended') || performance.now() > deadline) {
      throw new Error(`no test database: ${logged}`)
    }
    await sleep(POLL_MS)
  }
}

// A test file runs in a child process (or a thread) of the run; anything else is its own run.
const runPid = (): number =>
  '__vitest_worker__' in globalThis && isMainThread ? process.ppid : process.pid

function claims(file: string): boolean {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function onAdmin(
  adminUrl: string,
  work: (admin: pg.Client) => Promise<unknown>,
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}
