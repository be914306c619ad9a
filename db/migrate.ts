import path from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { JOBS_SCHEMA } from './queue.ts'

const LOCK_TIMEOUT_MS = 120_000 // another process may be migrating a large database at this moment
const CONNECT_TIMEOUT_MS = 10_000 // a server that has just started answers late, not never
const FOLDER = path.join(import.meta.dirname, 'migrations')

/** Brings the schema up to date as its owner. Several processes may call it at once: one works, the others wait. */
export async function migrate(ownerUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'voxcalls-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  await client.connect()
  try {
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
    // The migrator takes no lock of its own: four at once gave three errors on the catalog.
    await client.query(`select pg_advisory_lock(hashtext('voxcalls:migrate'))`)
    await applyMigrations(drizzle({ client }), { migrationsFolder: FOLDER })
    await client.query('select make_month_partitions(3, 6)')
    await makeJobTables(ownerUrl)
    await client.query(jobGrants)
  } finally {
    await client.end()
  }
}

async function makeJobTables(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    schema: JOBS_SCHEMA,
    supervise: false,
    schedule: false,
    max: 1,
  })
  let failure: Error | undefined
  boss.on('error', (error) => {
    failure ??= error
  })
  await boss.start()
  await boss.stop({ graceful: false })
  if (failure) throw failure
}

// The application role enqueues in its own transactions; the second line covers tables of queues made later.
const jobGrants = `
  grant usage on schema ${JOBS_SCHEMA} to voxcalls_app, voxcalls_platform;
  grant select, insert on all tables in schema ${JOBS_SCHEMA} to voxcalls_app, voxcalls_platform;
  grant execute on all functions in schema ${JOBS_SCHEMA} to voxcalls_app, voxcalls_platform;
  -- Only so that a waiting job can be locked until its sender commits; the moment it is dropped at may change.
  grant update (keep_until) on ${JOBS_SCHEMA}.job to voxcalls_app, voxcalls_platform;
  -- So that a dead letter is taken away in the transaction that sends its job again.
  grant delete on ${JOBS_SCHEMA}.job to voxcalls_platform;
  alter default privileges in schema ${JOBS_SCHEMA} grant select, insert on tables to voxcalls_app, voxcalls_platform;
`
