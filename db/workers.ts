import pg from 'pg'
import { type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss'
import type { Context } from '#api/core/context.ts'
import { type Job, runTraced, splitTrace } from '#api/core/jobs.ts'
import { JOBS_SCHEMA, listen, makeQueue, type QueueLog, queueOptions } from './queue.ts'

export type Schedule = { job: Job; cron: string; data: object }
export type Workers = { stop(graceSeconds?: number): Promise<void> }

const CONNECTIONS = 6 // fetching and settling; the handlers use the process' own pools
const BATCH = 5 // with one, a worker handles one job a poll; with many, a slow job holds up its batch
const WORKERS_A_QUEUE = 4 // so that three slow batches still do not stop a queue
const RUNNING_A_TENANT = 3 // of one job at once in this process, so that a busy tenant leaves room (THREATS F23)
const POLL_SECONDS = 1 // where NOTIFY cannot be had
const NOTIFIED_POLL_SECONDS = 2 // a retry is not notified, so this is how late it may start
const PARTITIONS_QUEUE = 'database.make-partitions'
const MONTHS_AHEAD = 6 // half a year of failing nights before a row finds no partition
const STOP_GRACE_SECONDS = 30 // THREATS F26

/**
 * Runs jobs until stopped. A handler that throws fails its own job only; data that does not fit its schema goes to
 * the dead letters at once. `ownerUrl` is the schema owner's: maintenance rebuilds and vacuums pg-boss' tables.
 */
export async function startWorkers(o: {
  ownerUrl: string
  jobs: readonly Job[]
  /** A context without a tenant; the job takes its tenant from the row it loads. */
  contextFor(job: Job): Context
  schedules?: readonly Schedule[]
  /** Workers for each queue whose job does not say itself how many run at once. */
  workersAQueue?: number | undefined
  applicationName?: string
  log: QueueLog
}): Promise<Workers> {
  const boss = new PgBoss({
    connectionString: o.ownerUrl,
    schema: JOBS_SCHEMA,
    application_name: `${o.applicationName ?? 'voxcalls'}-jobs`,
    max: CONNECTIONS,
    migrate: false,
    createSchema: false,
    useListenNotify: true,
  })
  listen(boss, o.log)
  const workersOf = (job: Job) => job.atOnce ?? o.workersAQueue ?? WORKERS_A_QUEUE
  await boss.start()
  try {
    for (const job of o.jobs) {
      await makeQueue(boss, job)
      await boss.updateQueue(job.name, queueOptions(job))
    }
    await keepSchedules(boss, o.schedules ?? [])
    await keepPartitions(boss, o.ownerUrl)
    for (const job of o.jobs) {
      await boss.work(
        job.name,
        {
          // A worker that holds one job is free for the next when it is done; of a batch it waits for the slowest.
          batchSize: job.atOnce ? 1 : BATCH,
          burstWhenBatchFull: true,
          localConcurrency: workersOf(job),
          localGroupConcurrency: Math.min(RUNNING_A_TENANT, workersOf(job)),
          pollingIntervalSeconds: POLL_SECONDS,
          notifyPollingIntervalSeconds: NOTIFIED_POLL_SECONDS,
          includeMetadata: true,
          perJobResults: true,
        },
        (arrived: JobWithMetadata<object>[]) =>
          Promise.all(arrived.map((one) => runOne(o, job, one))),
      )
    }
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }
  return {
    stop: (graceSeconds = STOP_GRACE_SECONDS) =>
      boss.stop({ graceful: true, timeout: graceSeconds * 1000 }),
  }
}

async function runOne(
  o: { contextFor(job: Job): Context; log: QueueLog },
  job: Job,
  arrived: JobWithMetadata<object>,
): Promise<JobResult> {
  const fields = { job: job.name, jobId: arrived.id, attempt: arrived.retryCount + 1 }
  const { traceparent, declared } = splitTrace(arrived.data)
  const data = job.data.safeParse(declared)
  if (!data.success) {
    // Trying again would find the same data.
    o.log.error(
      { ...fields, alert: 'job.dead', err: data.error },
      'a job carries data it cannot read',
    )
    return { id: arrived.id, status: 'deadletter', output: { message: 'unreadable data' } }
  }
  try {
    await runTraced(job, o.contextFor(job), data.data, { ...fields, traceparent })
    return { id: arrived.id, status: 'completed' }
  } catch (error) {
    const isLast = arrived.retryCount >= arrived.retryLimit
    const alert = isLast ? { alert: 'job.dead' } : {}
    o.log.error(
      { ...fields, ...alert, err: error },
      isLast ? 'a job failed for good' : 'a job failed',
    )
    // The name only: a message may carry what a person said.
    const name = error instanceof Error ? error.name : 'unknown'
    return { id: arrived.id, status: 'failed', output: { error: name } }
  }
}

/** The list is the truth: what is no longer in it stops being sent. */
async function keepSchedules(boss: PgBoss, schedules: readonly Schedule[]): Promise<void> {
  const wanted = new Set([PARTITIONS_QUEUE, ...schedules.map(({ job }) => job.name)])
  for (const { name } of await boss.getSchedules()) {
    if (!wanted.has(name)) await boss.unschedule(name)
  }
  for (const { job, cron, data } of schedules) {
    const payload = job.data.parse(data) as object
    // While one waits the next is not sent; a night that was missed is made up for once.
    const options = { tz: 'UTC', missed: 'once', singletonKey: job.key(payload) } as const
    await boss.schedule(job.name, cron, payload, options)
  }
}

/** Each night the months ahead are made for what is kept by month; nothing else knows that there are months. */
async function keepPartitions(boss: PgBoss, ownerUrl: string): Promise<void> {
  await boss.createQueue(PARTITIONS_QUEUE, { policy: 'exclusive', retryLimit: 4, retryDelay: 60 })
  await boss.work(PARTITIONS_QUEUE, { pollingIntervalSeconds: 60 }, async () => {
    const client = new pg.Client({ connectionString: ownerUrl })
    await client.connect()
    try {
      await client.query('select make_month_partitions(0, $1)', [MONTHS_AHEAD])
    } finally {
      await client.end()
    }
  })
  await boss.schedule(PARTITIONS_QUEUE, '17 3 * * *', null, { tz: 'UTC', missed: 'once' })
}
