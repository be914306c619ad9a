import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { Db } from './client.ts'
import { ConnectionFailure, databaseErrorOf } from './failures.ts'

/** A connection as Drizzle uses it: nothing but `query` is ever called. */
export type Speaker = { query(...statement: unknown[]): Promise<pg.QueryResult> }

const MAX_KEPT_HANDLES = 500 // organizations that read on this process; about 20 KB each with its statements

/** Role, row-level security and time limit are the connection's own, so nothing has to be set before a statement. */
export const speakerOf = (pool: pg.Pool): Speaker => ({
  query: (...statement) =>
    (pool.query as (...a: unknown[]) => Promise<pg.QueryResult>)
      .apply(pool, statement)
      .catch((error: unknown) => {
        throw failureOf(error)
      }),
})

/**
 * Handles whose every statement is a read-only transaction of its own, bound to one tenant and sent in one message:
 * a third of the round trips of `begin`, statement, `commit`. An organization that reads again gets the same handle,
 * so that a statement prepared on it can be kept.
 */
export function tenantReads(pool: pg.Pool, keep: (db: Db, speaker: Speaker) => void) {
  const handles = new Map<string, Db>()
  return (organizationId: string): Db => {
    const known = handles.get(organizationId)
    if (known) {
      handles.delete(organizationId)
      handles.set(organizationId, known)
      return known
    }
    const speaker = tenantSpeaker(pool, organizationId)
    const db: Db = drizzle({ client: asClient(speaker) })
    keep(db, speaker)
    handles.set(organizationId, db)
    const [longestUnused] = handles.keys()
    if (handles.size > MAX_KEPT_HANDLES && longestUnused !== undefined)
      handles.delete(longestUnused)
    return db
  }
}

// Drizzle calls nothing but `query` on a client it was given.
export const asClient = (speaker: Speaker): pg.PoolClient => speaker as unknown as pg.PoolClient

// The settings last until the transaction ends. It answers no row, so only the statement's own rows come back.
const BINDING = {
  name: 'bind-organization',
  text: `select where set_config('app.organization_id', $1, true) is null
             or set_config('plan_cache_mode', $2, true) is null
             or set_config('transaction_read_only', 'on', true) is null`,
}
const bindable = new WeakSet<pg.PoolClient>()

const tenantSpeaker = (pool: pg.Pool, organizationId: string): Speaker => ({
  async query(statement, values) {
    const client = await pool.connect().catch((error: unknown) => {
      throw failureOf(error)
    })
    let lost: Error | undefined
    // The statement that is under way tells of a lost connection; the event must only not be unhandled.
    const onLost = (error: Error) => {
      lost = error
    }
    client.on('error', onLost)
    try {
      // Outside of a transaction the settings of this one end with it: it is sent only to be parsed.
      if (!bindable.has(client)) await client.query({ ...BINDING, values: ['', 'auto'] })
      bindable.add(client)
      const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
      const answered = (error: Error | undefined, result: unknown) =>
        error ? reject(error) : resolve(result as pg.QueryResult)
      client.query(
        boundRead(organizationId, statement as pg.QueryConfig, values as unknown[], answered),
      )
      return await promise
    } catch (error) {
      // What the server did not say itself leaves the connection in a state nobody knows.
      const isSaid = error instanceof pg.DatabaseError && error.severity !== 'FATAL'
      if (!isSaid) lost ??= error as Error
      throw failureOf(error)
    } finally {
      client.off('error', onLost)
      client.release(lost)
    }
  },
})

/** A value the driver cannot write is our mistake, not the network's. */
const failureOf = (error: unknown): unknown =>
  databaseErrorOf(error) !== undefined || error instanceof TypeError
    ? error
    : new ConnectionFailure(error)

/** What of the driver's query and connection a bound read uses and its types leave out. */
type DriverQuery = pg.Submittable & { handleCommandComplete(...message: unknown[]): void }
type Wire = Pick<pg.Connection, 'stream'> & {
  bind(message: { portal: string; statement: string; values: unknown[] }): void
  execute(message: { portal: string }): void
}

/** A statement with its binding before it: one message, and to the server one transaction until its end. */
function boundRead(
  organizationId: string,
  statement: pg.QueryConfig,
  values: unknown[] | undefined,
  answered: (error: Error | undefined, result: unknown) => void,
): pg.Submittable {
  // The extended protocol even without values: a simple statement would be a transaction of its own.
  const config = { ...statement, queryMode: 'extended' }
  const query = new pg.Query(config, values, answered) as pg.Submittable as DriverQuery
  const submit = query.submit.bind(query)
  // A statement worth a name is planned once a connection: to plan a page of a list costs more than to read it.
  const plans = statement.name === undefined ? 'auto' : 'force_generic_plan'
  query.submit = (connection) => {
    const wire = connection as unknown as Wire
    wire.stream.cork()
    try {
      wire.bind({ portal: '', statement: BINDING.name, values: [organizationId, plans] })
      wire.execute({ portal: '' })
      return submit(connection)
    } finally {
      wire.stream.uncork()
    }
  }
  const complete = query.handleCommandComplete.bind(query)
  let isBound = false
  query.handleCommandComplete = (...message) => {
    if (isBound) complete(...message)
    isBound = true
  }
  return query
}
