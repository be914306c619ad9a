import { randomUUIDv7 } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Context, Queue } from '#api/core/context.ts'
import { event } from '#api/core/events.ts'
import { type Job, job, on } from '#api/core/jobs.ts'
import { createQueue } from './queue.ts'
import { type TestDatabase, testDatabase } from './testing.ts'
import { startWorkers, type Workers } from './workers.ts'

const ids = z.object({ organizationId: z.uuid(), callId: z.uuid() })
const happened = event('call.tested', ids)
let ran: { callId: string; at: number }[] = []
let behave: (data: z.output<typeof ids>) => Promise<void> | void = () => undefined
const declare = (name: string): Job =>
  job({
    name,
    data: ids,
    retry: { limit: 5, delaySeconds: 1 },
    key: ({ callId }) => callId,
    run: async (_, data) => {
      ran.push({ callId: data.callId, at: performance.now() })
      await behave(data)
    },
  }) as unknown as Job
const first = declare('testing.first')
const second = declare('testing.second')
const failing = declare('testing.failing')
const log = { warn: () => undefined, error: () => undefined }

let t: TestDatabase
let queue: Queue & { close(): Promise<void> }
let organizationId: string
let workers: Workers | undefined
beforeAll(async () => {
  t = await testDatabase()
  organizationId = await t.anOrganization()
  queue = await createQueue({
    url: t.urls.app,
    subscriptions: [on(happened, [first, second])],
    log,
  })
})
afterEach(async () => {
  await workers?.stop(5)
  workers = undefined
  behave = () => undefined
  ran = []
  await t.query('admin', 'delete from jobs.job')
})
afterAll(async () => {
  await queue.close()
  await t.close()
})

const aCall = () => ({ organizationId, callId: randomUUIDv7() })
const waiting = () =>
  t.query<{ name: string; data: unknown; state: string }>(
    'admin',
    'select name, data, state from jobs.job order by name, created_on',
  )
const work = async (...jobs: Job[]) => {
  // The jobs of this file use no context; a worker's own comes from its process.
  workers = await startWorkers({
    ownerUrl: t.urls.owner,
    jobs,
    contextFor: () => ({}) as Context,
    log,
  })
}

test('an event becomes one job for each subscriber when its transaction commits', async () => {
  const call = aCall()
  await t.database.withOrganization(organizationId, (db) => queue.emit(db, happened, call))
  expect(await waiting()).toEqual([
    { name: 'testing.first', data: call, state: 'created' },
    { name: 'testing.second', data: call, state: 'created' },
  ])
})

test('a job of a transaction that is undone never was', async () => {
  const work = t.database.withOrganization(organizationId, async (db) => {
    await queue.emit(db, happened, aCall())
    throw new Error('changed my mind')
  })
  await expect(work).rejects.toThrow('changed my mind')
  expect(await waiting()).toEqual([])
})

test('the platform role enqueues too, also a job nobody subscribed', async () => {
  const call = aCall()
  await t.database.withPlatform((db) => queue.enqueue(db, declare('testing.third'), call))
  expect(await waiting()).toEqual([{ name: 'testing.third', data: call, state: 'created' }])
})

test('an event without subscribers is no error', async () => {
  await t.database.withOrganization(organizationId, (db) =>
    queue.emit(db, { name: 'nobody.listens' }, {}),
  )
  expect(await waiting()).toEqual([])
})

test('data that does not fit the job is refused where it is sent', async () => {
  const sending = t.database.withOrganization(organizationId, (db) =>
    queue.enqueue(db, first, { organizationId, callId: 'no uuid' }),
  )
  await expect(sending).rejects.toThrow()
  expect(await waiting()).toEqual([])
})

test('two jobs of one key are one while the first waits, and a later one does not stand in for it', async () => {
  const call = aCall()
  const send = (options = {}) =>
    t.database.withOrganization(organizationId, (db) => queue.enqueue(db, first, call, options))
  await Promise.all([send({ startAfterSeconds: 60 }), send(), send(), send()])
  expect(await waiting()).toHaveLength(2)
})

test('a job that waits does not start before the transaction that counts on it has committed', async () => {
  const call = aCall()
  const send = () =>
    t.database.withOrganization(organizationId, (db) => queue.enqueue(db, first, call))
  await send()
  let committedAt = 0
  const started = Promise.withResolvers<void>()
  const counting = t.database.withOrganization(organizationId, async (db) => {
    await queue.enqueue(db, first, call) // swallowed: the one above waits
    await work(first)
    started.resolve()
    // Long enough for a worker that could take the job to take it.
    await expect
      .poll(() => ran.length, { timeout: 600 })
      .toBe(1)
      .catch(() => undefined)
    committedAt = performance.now()
  })
  await started.promise
  await counting
  await expect.poll(() => ran.length, { timeout: 5_000 }).toBe(1)
  expect(ran[0]?.at).toBeGreaterThanOrEqual(committedAt)
})

test('a worker is woken by the commit and finishes the job', async () => {
  await work(first)
  const call = aCall()
  const committed = performance.now()
  await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, first, call))
  await expect.poll(() => ran.length).toBe(1)
  expect(ran[0]?.callId).toBe(call.callId)
  expect(ran[0]!.at - committed).toBeLessThan(1_000)
  await expect.poll(async () => (await waiting())[0]?.state).toBe('completed')
})

test('a job that throws fails alone and is tried again', async () => {
  const bad = aCall()
  const good = aCall()
  let failures = 0
  behave = ({ callId }) => {
    if (callId === bad.callId && failures++ === 0) throw new Error('once')
  }
  for (const call of [bad, good])
    await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, failing, call))
  await work(failing)
  await expect
    .poll(async () => (await waiting()).map((j) => j.state), { timeout: 15_000 })
    .toEqual(['completed', 'completed'])
  expect(ran.filter((r) => r.callId === bad.callId)).toHaveLength(2)
  expect(ran.filter((r) => r.callId === good.callId)).toHaveLength(1)
})

test('a job whose five tries are used up goes to the dead letters', async () => {
  behave = () => {
    throw new Error('always')
  }
  const call = aCall()
  await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, failing, call))
  // Four tries are behind it.
  await t.query('admin', `update jobs.job set retry_count = 4, state = 'retry' where name = $1`, [
    failing.name,
  ])
  await work(failing)
  await expect
    .poll(async () => (await waiting()).find((j) => j.name === 'dead-letters')?.data, {
      timeout: 10_000,
    })
    .toEqual(call)
  expect(ran).toHaveLength(1)
})

test('a job with data it cannot read goes to the dead letters without being run', async () => {
  await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, failing, aCall()))
  await t.query('admin', `update jobs.job set data = '{"callId": 7}' where name = $1`, [
    failing.name,
  ])
  await work(failing)
  await expect
    .poll(async () => (await waiting()).some((j) => j.name === 'dead-letters'), { timeout: 10_000 })
    .toBe(true)
  expect(ran).toEqual([])
})

test('workers make the months ahead each night', async () => {
  const partitions = () =>
    t.query<{ name: string }>(
      'admin',
      `select relname as name from pg_class where relispartition and relkind = 'r' and relname like 'call_events_%' order by 1`,
    )
  const before = await partitions()
  await t.query('admin', `drop table ${before.at(-1)?.name}`)
  await work()
  const [scheduled] = await t.query<{ cron: string }>(
    'admin',
    `select cron from jobs.schedule where name = 'database.make-partitions'`,
  )
  expect(scheduled?.cron).toBe('17 3 * * *')
  await workers?.stop(5)
  const nightly = job({
    name: 'database.make-partitions',
    data: z.object({}),
    retry: { limit: 1, delaySeconds: 1 },
    key: () => 'tonight',
    run: async () => undefined,
  }) as unknown as Job
  await t.database.withPlatform((db) => queue.enqueue(db, nightly, {}))
  await work()
  await expect.poll(partitions, { timeout: 10_000 }).toEqual(before)
})

test('a schedule that is no longer wanted is dropped', async () => {
  const scheduled = async () =>
    (await t.query<{ name: string }>('admin', 'select name from jobs.schedule order by 1')).map(
      (s) => s.name,
    )
  const start = (schedules: { job: Job; cron: string; data: object }[]) =>
    startWorkers({
      ownerUrl: t.urls.owner,
      jobs: [first, second],
      contextFor: () => ({}) as Context,
      schedules,
      log,
    })
  workers = await start([{ job: first, cron: '0 4 * * *', data: aCall() }])
  expect(await scheduled()).toEqual(['database.make-partitions', 'testing.first'])
  await workers.stop(5)
  workers = await start([])
  expect(await scheduled()).toEqual(['database.make-partitions'])
})

test('a tenant with many slow jobs leaves room for another’s', async () => {
  const busy = Array.from({ length: 40 }, aCall)
  const other = { organizationId: randomUUIDv7(), callId: randomUUIDv7() }
  const release = Promise.withResolvers<void>()
  behave = ({ callId }) => (callId === other.callId ? undefined : release.promise)
  await t.database.withOrganization(organizationId, async (db) => {
    for (const call of busy) await queue.enqueue(db, first, call)
    await queue.enqueue(db, first, other)
  })
  await work(first)
  try {
    // None of the busy tenant's jobs has ended, and 40 of them stand before this one.
    await expect.poll(() => ran.map((r) => r.callId), { timeout: 15_000 }).toContain(other.callId)
    expect(ran.length).toBeLessThan(40)
  } finally {
    release.resolve()
  }
  await expect.poll(() => ran.length, { timeout: 15_000 }).toBe(41)
}, 40_000)

test('jobs that last begin as they come, as many at once as they say', async () => {
  const atOnce = 6
  const lasting = { ...declare('testing.lasting'), atOnce }
  const release = Promise.withResolvers<void>()
  behave = () => release.promise
  await work(lasting)
  try {
    for (let begun = 1; begun <= atOnce; begun++) {
      const call = { organizationId: randomUUIDv7(), callId: randomUUIDv7() }
      await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, lasting, call))
      // None of those before it has ended.
      await expect.poll(() => ran.length, { timeout: 10_000 }).toBe(begun)
    }
  } finally {
    release.resolve()
  }
}, 40_000)
