import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DatabaseOptions, type Db, openDatabase, runNamed } from './client.ts'
import { databaseErrorOf } from './failures.ts'
import { type TestDatabase, testDatabase } from './testing.ts'

let t: TestDatabase
let quiet: DatabaseOptions
let ours: string
let theirs: string
beforeAll(async () => {
  t = await testDatabase()
  quiet = {
    url: t.urls.app,
    platformUrl: t.urls.platform,
    applicationName: 'quiet',
    log: { warn: () => undefined, error: () => undefined },
  }
  ours = await t.anOrganization({ name: 'Ours' })
  theirs = await t.anOrganization({ name: 'Theirs' })
})
afterAll(() => t.close())

const names = sql<{ name: string }>`select name from organizations order by name`

test('a transaction sees its own organization and no other', async () => {
  const { rows } = await t.database.withOrganization(ours, (db) =>
    db.execute<{ name: string }>(names),
  )
  expect(rows).toEqual([{ name: 'Ours' }])
})

test('the application role sees nothing without an organization', async () => {
  const { rows } = await t.database.withApp((db) => db.execute<{ name: string }>(names))
  expect(rows).toEqual([])
})

test('the platform role sees every organization', async () => {
  const { rows } = await t.database.withPlatform((db) => db.execute<{ name: string }>(names))
  expect(rows).toEqual([{ name: 'Ours' }, { name: 'Theirs' }])
})

test('a single statement of the platform role is bound like its transactions, and in time', async () => {
  const { rows } = await t.database.readPlatform((db) => db.execute<{ name: string }>(names))
  expect(rows).toEqual([{ name: 'Ours' }, { name: 'Theirs' }])
  const quick = await openDatabase({
    url: t.urls.app,
    platformUrl: t.urls.platform,
    statementTimeoutMs: 50,
    applicationName: 'quick',
    log: { warn: () => undefined, error: () => undefined },
  })
  const slow = quick.readPlatform((db) => db.execute(sql`select pg_sleep(5)`))
  await expect(slow).rejects.toMatchObject({ code: 'request.unavailable' })
  const denied = quick.readPlatform((db) => db.execute(sql`update calls set reason = 'x'`))
  await expect(denied).rejects.toMatchObject({ code: 'request.not_found' })
  await quick.close()
  const closed = quick.readPlatform((db) => db.execute(names))
  await expect(closed).rejects.toMatchObject({ code: 'request.unavailable' })
})

test('interleaved transactions of two organizations never see each other', async () => {
  const asks = Array.from({ length: 40 }, (_, i) => (i % 2 ? ours : theirs))
  const answers = await Promise.all(
    asks.map((id) =>
      t.database.withOrganization(id, async (db) => {
        await db.execute(sql`select pg_sleep(0.002)`)
        const { rows } = await db.execute<{ id: string }>(sql`select id from organizations`)
        return rows.map((row) => row.id)
      }),
    ),
  )
  expect(answers).toEqual(asks.map((id) => [id]))
})

test('an id that is no uuid never reaches the database', async () => {
  const work = t.database.withOrganization(`'; drop table calls; --`, async () => 1)
  await expect(work).rejects.toThrow('uuid')
})

test('work that throws leaves nothing', async () => {
  const work = t.database.withOrganization(ours, async (db) => {
    await db.execute(sql`update organizations set name = 'Changed'`)
    throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  const { rows } = await t.database.withOrganization(ours, (db) =>
    db.execute<{ name: string }>(names),
  )
  expect(rows).toEqual([{ name: 'Ours' }])
})

test('reads of many organizations at once are each bound to their own', async () => {
  const asks = Array.from({ length: 40 }, (_, i) => (i % 2 ? ours : theirs))
  const answers = await Promise.all(
    asks.map((id) =>
      t.database.readOrganization(id, async (db) => {
        await db.execute(sql`select pg_sleep(0.002)`)
        const { rows } = await db.execute<{ id: string }>(sql`select id from organizations`)
        return rows.map((row) => row.id)
      }),
    ),
  )
  expect(answers).toEqual(asks.map((id) => [id]))
})

test('a read leaves nothing of its tenant on the connection that served it', async () => {
  const one = await openDatabase({ ...quiet, max: 1 })
  try {
    await one.readOrganization(ours, (db) => db.execute(names))
    const left = await one.withApp((db) => db.execute<{ name: string }>(names))
    expect(left.rows).toEqual([])
    const written = await one.withOrganization(theirs, (db) =>
      db.execute<{ name: string }>(sql`update organizations set name = 'Theirs' returning name`),
    )
    expect(written.rows).toEqual([{ name: 'Theirs' }])
  } finally {
    await one.close()
  }
})

test('a read cannot write', async () => {
  const work = t.database.readOrganization(ours, (db) =>
    db.execute(sql`update organizations set name = 'Changed'`),
  )
  await expect(work).rejects.toSatisfy((error) => databaseErrorOf(error)?.code === '25006')
})

test('values, named statements and rows that are none come back from reads as from transactions', async () => {
  type Row = { text: string; count: number; day: string | null }
  const select = sql<Row>`select ${'a'}::text as text, ${7}::bigint as count, null::date as day`
  const asked = async (db: Db) => [
    (await db.execute<Row>(select)).rows,
    await runNamed(db, 'test-one', 'select $1::int + 1 as next', [1]),
    (await db.execute<{ one: number }>(sql`select 1 as one where false`)).rows,
  ]
  const read = await t.database.readOrganization(ours, asked)
  expect(read).toEqual(await t.database.withOrganization(ours, asked))
  expect(read).toEqual([[{ text: 'a', count: 7, day: null }], [{ next: 2 }], []])
})

test('a read that fails leaves its connection to others, a lost one does not', async () => {
  const one = await openDatabase({ ...quiet, max: 1, statementTimeoutMs: 300 })
  const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`
  const readPid = async () => {
    const { rows } = await one.readOrganization(ours, (db) => db.execute<{ pid: number }>(pid))
    return rows[0]?.pid
  }
  try {
    const before = await readPid()
    for (const [statement, code] of [
      [sql`select 1 / 0`, '22012'],
      [sql`select no_such_column`, '42703'],
      [sql`select ${'no-uuid'}::uuid`, '22P02'],
      [sql`select pg_sleep(5)`, '57014'],
    ] as const) {
      const work = one.readOrganization(ours, (db) => db.execute(statement))
      await expect(work).rejects.toSatisfy((error) => databaseErrorOf(error)?.code === code)
    }
    expect(await readPid()).toBe(before)
    const broken = one.readOrganization(ours, (db) => runNamed(db, 'broken', 'selec 1', []))
    await expect(broken).rejects.toSatisfy((error) => databaseErrorOf(error)?.code === '42601')
    const again = one.readOrganization(ours, (db) => runNamed(db, 'broken', 'select 1 as a', []))
    expect(await again).toEqual([{ a: 1 }])
    const other = one.readOrganization(ours, (db) => runNamed(db, 'broken', 'select 2 as a', []))
    await expect(other).rejects.toThrow()
    const circle: { self?: unknown } = {}
    circle.self = circle
    const unwritable = one.readOrganization(ours, (db) => db.execute(sql`select ${circle}::json`))
    await expect(unwritable).rejects.not.toMatchObject({ status: 503 })
    const after = await readPid()
    expect(after).not.toBe(before)
    await t.query('admin', 'select pg_terminate_backend($1, 5000)', [after])
    await readPid().catch(() => 'the lost connection was found out')
    expect(await readPid()).not.toBe(after)
  } finally {
    await one.close()
  }
})

test('a read over a lost connection is a 503, and of a closed database too', async () => {
  const one = await openDatabase({ ...quiet, max: 1 })
  const work = one.readOrganization(ours, async (db) => {
    const slow = db.execute(sql`select pg_backend_pid() as pid, pg_sleep(10)`)
    const end = `select pg_terminate_backend(pid, 5000) from pg_stat_activity
                  where application_name = 'quiet' and query like '%pg_sleep(10)%'`
    const killing = expect.poll(async () => (await t.query('admin', end)).length).toBeGreaterThan(0)
    await Promise.all([slow, killing])
  })
  await expect(work).rejects.toMatchObject({ status: 503 })
  await one.close()
  const closed = one.readOrganization(ours, (db) => db.execute(names))
  await expect(closed).rejects.toMatchObject({ status: 503 })
})

test('a failed statement that was caught and ignored is no success', async () => {
  const work = t.database.withOrganization(ours, async (db) => {
    await db.execute(sql`select 1 / 0`).catch(() => 'ignored')
    return 'done'
  })
  await expect(work).rejects.toThrow('nothing was committed')
})

test('a handle cannot be used after its transaction, by which time its connection serves another', async () => {
  const leaked = await t.database.withOrganization(ours, async (db) => ({ db }))
  await expect(leaked.db.execute<{ name: string }>(names)).rejects.toSatisfy(
    (error) => error instanceof Error && /is over/.test(String(error.cause)),
  )
})

test('a connection with an unfinished statement is destroyed and not used again', async () => {
  const one = await openDatabase({
    url: t.urls.app,
    platformUrl: t.urls.platform,
    max: 1,
    applicationName: 'unfinished',
    log: { warn: () => undefined, error: () => undefined },
  })
  try {
    const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`
    const before = await one.withOrganization(ours, (db) => db.execute<{ pid: number }>(pid))
    const work = one.withOrganization(ours, async (db) => {
      const slow = db.execute(sql`select pg_sleep(0.3)`)
      slow.catch(() => 'cut off with its connection')
      // Drizzle sends a statement only when somebody waits for it.
      await Promise.race([slow, sleep(50)])
      throw new Error('gave up')
    })
    await expect(work).rejects.toThrow('gave up')
    const after = await one.withOrganization(ours, (db) => db.execute<{ pid: number }>(pid))
    expect(after.rows[0]?.pid).not.toBe(before.rows[0]?.pid)
  } finally {
    await one.close()
  }
})

test('a deadlock is tried again until both transactions are through', async () => {
  let started = 0
  const bothStarted = Promise.withResolvers<void>()
  const touch = (first: string, second: string) =>
    t.database.withOrganization(ours, async (db) => {
      await db.execute(sql`select pg_advisory_xact_lock(hashtext(${first}))`)
      if (++started === 2) bothStarted.resolve()
      await bothStarted.promise
      await db.execute(sql`select pg_advisory_xact_lock(hashtext(${second}))`)
      return 'through'
    })
  expect(await Promise.all([touch('a', 'b'), touch('b', 'a')])).toEqual(['through', 'through'])
  expect(started).toBeGreaterThan(2)
})

test('a transaction that always collides is refused as unavailable after four tries', async () => {
  let tries = 0
  const work = t.database.withOrganization(ours, (db) => {
    tries++
    return db.execute(sql`do $$ begin raise exception 'collision' using errcode = '40001'; end $$`)
  })
  await expect(work).rejects.toMatchObject({ code: 'request.unavailable', status: 503 })
  expect(tries).toBe(4)
})

test('a lost connection is a 503 with a time to come back, and the pool goes on', async () => {
  const work = t.database.withOrganization(ours, async (db) => {
    const { rows } = await db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await t.query('admin', 'select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    return db.execute<{ name: string }>(names)
  })
  await expect(work).rejects.toMatchObject({ status: 503, retryAfterSeconds: 2 })
  const { rows } = await t.database.withOrganization(ours, (db) =>
    db.execute<{ name: string }>(names),
  )
  expect(rows).toEqual([{ name: 'Ours' }])
})

test('an idle connection that is lost is logged and does not end the process', async () => {
  await t.database.ping()
  const before = t.logged.length
  await t.query(
    'admin',
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'test' and state = 'idle' and datname = current_database()`,
  )
  await expect.poll(() => t.logged.length).toBeGreaterThan(before)
  await t.database.ping()
})

test('a slow statement is cut off by the server and answered with 503', async () => {
  const short = await openDatabase({
    url: t.urls.app,
    platformUrl: t.urls.platform,
    max: 1,
    statementTimeoutMs: 50,
    applicationName: 'short',
    log: { warn: () => undefined, error: () => undefined },
  })
  try {
    const work = short.withOrganization(ours, (db) => db.execute(sql`select pg_sleep(5)`))
    await expect(work).rejects.toMatchObject({ status: 503 })
  } finally {
    await short.close()
  }
})

test.each([
  ['text with a zero byte', sql`select ${'a\u0000b'}::text`, 400, 'request.invalid'],
  ['a number out of range', sql`select 99999999999::int`, 400, 'request.invalid'],
  ['a broken check', sql`update organizations set status = 'gone'`, 409, 'request.conflict'],
  ['a table it may not write', sql`update wallets set balance_cents = 9`, 404, 'request.not_found'],
])('%s is refused in our own words', async (_, statement, status, code) => {
  const work = t.database.withOrganization(ours, (db) => db.execute(statement))
  await expect(work).rejects.toMatchObject({ name: 'DomainError', status, code })
})

test('a denied statement raises an alert', () => {
  expect(t.logged).toContainEqual(expect.objectContaining({ level: 'error' }))
})

test('a value that cannot be written is our mistake and no outage', async () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  const work = t.database.withOrganization(ours, (db) => db.execute(sql`select ${circle}::json`))
  await expect(work).rejects.not.toMatchObject({ status: 503 })
  await t.database.ping()
})

test('a login that ignores row-level security is refused', async () => {
  const opening = openDatabase({
    url: t.urls.owner,
    platformUrl: t.urls.platform,
    applicationName: 'owner',
    log: { warn: () => undefined, error: () => undefined },
  })
  await expect(opening).rejects.toThrow('owns tables')
})
