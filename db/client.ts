import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { ConnectionFailure, databaseErrorOf, isCollision, refusalFor } from './failures.ts'
import { asClient, type Speaker, speakerOf, tenantReads } from './reads.ts'

// int8 as a number: every bigint here is a count, an id or cents, all below 2^53.
pg.types.setTypeParser(20, Number)

/** The Drizzle handle bound to one transaction. `transaction` is left out: it would commit the outer one. */
export type Db = Omit<NodePgDatabase, 'transaction'>

export type Database = {
  /** One transaction of the application role, bound to one tenant. */
  withOrganization<T>(organizationId: string, work: (db: Db) => Promise<T>): Promise<T>
  /**
   * Reads of the application role, bound to one tenant: each statement sees what is committed when it starts, as in
   * a transaction, and cannot write. The handle stays the same while the organization goes on reading.
   */
  readOrganization<T>(organizationId: string, work: (db: Db) => Promise<T>): Promise<T>
  /** One transaction of the platform role, bound to no tenant. */
  withPlatform<T>(work: (db: Db) => Promise<T>): Promise<T>
  /**
   * The platform role without a transaction, for one statement that reads: a third of the round trips, on what every
   * request asks. The handle is always the same, so that a statement prepared on it can be kept.
   */
  readPlatform<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** One read-only transaction of the application role without a tenant: settings and prices. */
  withApp<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Throws when either role cannot be served now. */
  ping(): Promise<void>
  close(): Promise<void>
}

export type DatabaseLog = {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type DatabaseOptions = {
  /** Logs in as the application role. */
  url: string
  /** Logs in as the platform role. */
  platformUrl: string
  /** Connections of the application role in this process. */
  max?: number
  /** Longest statement: 5 s for requests, 60 s for jobs (THREATS B6). */
  statementTimeoutMs?: number
  applicationName: string
  log: DatabaseLog
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MAX_CONNECTIONS = 8 // with 32, a contended wallet ran at half the speed it has with 8
const MAX_PLATFORM_CONNECTIONS = 4 // webhooks and super_admin reads are few
const CONNECT_TIMEOUT_MS = 2_000 // a caller learns within 2 s that the database is away (THREATS F7)
const STATEMENT_TIMEOUT_MS = 5_000 // THREATS B6
const SILENCE_GRACE_MS = 2_000 // the server cancels first; beyond this the network is gone, not the statement slow
const IDLE_CONNECTION_MS = 30_000 // gives connections back after a burst
const MAX_TRIES = 4 // the first and three more (THREATS F10)
const RETRY_STEP_MS = 20 // doubled each time and jittered: colliding transactions must not meet again

/**
 * A statement sent under a name, so that each connection parses and plans it once: for the few that are sent all
 * day. Its rows come as the driver reads them.
 */
export const runNamed = <Row extends pg.QueryResultRow>(
  db: Db,
  name: string,
  text: string,
  values: unknown[],
): Promise<Row[]> => send<Row>(db, { name, text, values })

/** A finished SQL text, such as a library's, on the transaction's own connection. */
export const runInTransaction = <Row extends pg.QueryResultRow>(
  db: Db,
  text: string,
  values: unknown[],
): Promise<Row[]> => send<Row>(db, { text, values })

async function send<Row extends pg.QueryResultRow>(
  db: Db,
  statement: pg.QueryConfig,
): Promise<Row[]> {
  const speaker = speakers.get(db)
  if (!speaker) throw new Error('this handle belongs to no transaction of ours')
  const { rows } = await speaker.query(statement)
  return rows as Row[]
}

const speakers = new WeakMap<object, Speaker>()

/** Opens both roles' pools; refuses a login that row-level security does not bind. */
export async function openDatabase(o: DatabaseOptions): Promise<Database> {
  const app = openPool(o, o.url, o.max ?? MAX_CONNECTIONS)
  const platform = openPool(
    o,
    o.platformUrl,
    Math.min(o.max ?? Number.POSITIVE_INFINITY, MAX_PLATFORM_CONNECTIONS),
  )
  const close = async () => {
    await Promise.all([app.end(), platform.end()])
  }
  try {
    await Promise.all([refuseUnboundLogin(app), refuseUnboundLogin(platform)])
  } catch (error) {
    await close()
    throw error
  }

  const timeout = `set local statement_timeout = ${o.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS}`
  const platformSpeaker = speakerOf(platform)
  const reads = drizzle({ client: asClient(platformSpeaker) })
  speakers.set(reads, platformSpeaker)
  const readsOf = tenantReads(app, (db, speaker) => speakers.set(db, speaker))
  const run = <T>(pool: pg.Pool, begin: string, work: (db: Db) => Promise<T>) =>
    withRetries(() => oneTransaction(pool, begin, work), o.log)

  return {
    async withOrganization(organizationId, work) {
      refuseOtherThanUuid(organizationId)
      // One message for all three, so a tenant costs no round trip.
      const tenant = `set local app.organization_id = '${organizationId}'`
      return run(app, `begin; ${timeout}; ${tenant}`, work)
    },
    async readOrganization(organizationId, work) {
      refuseOtherThanUuid(organizationId)
      return withRetries(() => work(readsOf(organizationId)), o.log)
    },
    withPlatform: (work) => run(platform, `begin; ${timeout}`, work),
    readPlatform: (work) => withRetries(() => work(reads), o.log),
    withApp: (work) => run(app, `begin read only; ${timeout}`, work),
    async ping() {
      try {
        await Promise.all([app.query('select 1'), platform.query('select 1')])
      } catch (error) {
        throw refusalFor(databaseErrorOf(error) ? error : new ConnectionFailure(error))
      }
    },
    close,
  }
}

function openPool(o: DatabaseOptions, url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: o.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    // For a statement without a transaction of ours; a transaction sets its own.
    statement_timeout: o.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    query_timeout: (o.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS) + SILENCE_GRACE_MS,
    keepAlive: true,
  })
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) =>
    o.log.warn({ error: error.message }, 'an idle database connection was lost'),
  )
  return pool
}

function refuseOtherThanUuid(organizationId: string): void {
  if (!UUID.test(organizationId)) throw new Error('an organization id must be a uuid')
}

async function refuseUnboundLogin(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; unbound: boolean; owns: boolean }>(`
    select current_user as name, rolsuper or rolbypassrls as unbound,
           exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = 'public' and c.relowner = r.oid) as owns
      from pg_roles r where rolname = current_user`)
  const me = rows[0]
  if (!me) throw new Error('the database does not know the role that logged in')
  if (me.unbound) throw new Error(`role ${me.name} ignores row-level security; log in as another`)
  if (me.owns) throw new Error(`role ${me.name} owns tables and could lift their protection`)
}

async function withRetries<T>(attempt: () => Promise<T>, log: DatabaseLog): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (isCollision(error) && tries < MAX_TRIES) {
        await sleep(RETRY_STEP_MS * 2 ** tries * Math.random())
        continue
      }
      const said = databaseErrorOf(error)
      if (said?.code === '42501') {
        log.error(
          { alert: 'database.denied', table: said.table },
          'the database denied a statement',
        )
      }
      throw refusalFor(error)
    }
  }
}

async function oneTransaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseErrorOf(error) ? error : new ConnectionFailure(error)
  })
  const gate = new Gate(client)
  // A connection can die while the transaction thinks; its next statement tells, the event must only not be unhandled.
  const onLost = (error: Error) => gate.lose(error)
  client.on('error', onLost)
  try {
    await gate.query(begin)
    // Without `jit`: compiling a row mapper costs 150 us, and a handle lives for a few rows only.
    const db = drizzle({ client: asClient(gate) })
    speakers.set(db, gate)
    const result = await work(db)
    gate.refuseUnfinished()
    const ended = await gate.query('commit')
    // Postgres answers the commit of a failed transaction with ROLLBACK and no error.
    if (ended.command !== 'COMMIT')
      throw new Error('a failed statement was ignored, so nothing was committed')
    return result
  } catch (error) {
    await gate.rollBack()
    throw error
  } finally {
    gate.close()
    client.off('error', onLost)
    client.release(gate.lost)
  }
}

/**
 * What one transaction may use of a connection. It closes with the transaction, so code that outlives its
 * transaction cannot speak in the next tenant's; and it knows whether the connection may be used again.
 */
class Gate implements Speaker {
  lost: Error | undefined
  readonly #client: pg.PoolClient
  #running = 0
  #closed = false
  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  /** Every overload of `pg` passes its arguments through; Drizzle and we await the promise. */
  async query(...statement: unknown[]): Promise<pg.QueryResult> {
    if (this.#closed)
      throw new Error('this transaction is over; its handle cannot be used any more')
    if (this.lost) throw new ConnectionFailure(this.lost)
    this.#running++
    try {
      return await (this.#client.query as (...a: unknown[]) => Promise<pg.QueryResult>).apply(
        this.#client,
        statement,
      )
    } catch (error) {
      // What the server did not say itself leaves the connection in a state nobody knows.
      if (error instanceof pg.DatabaseError && error.severity !== 'FATAL') throw error
      this.lost ??= error as Error
      // A value the driver cannot write is our mistake, not the network's.
      const isOurs = error instanceof pg.DatabaseError || error instanceof TypeError
      throw isOurs ? error : new ConnectionFailure(error)
    } finally {
      this.#running--
    }
  }

  lose(error: Error): void {
    this.lost ??= error
  }

  refuseUnfinished(): void {
    if (this.#running > 0)
      throw new Error('a statement was still running when its transaction ended')
  }

  /** Destroys rather than reuses a connection that still works for this transaction (THREATS T27). */
  async rollBack(): Promise<void> {
    if (this.#running > 0) this.lost ??= new Error('a statement was still running')
    if (this.lost) return
    try {
      await this.query('rollback')
    } catch (error) {
      this.lost ??= error as Error
    }
  }

  close(): void {
    this.#closed = true
  }
}
