import { PgBoss } from 'pg-boss'
import type { Queue } from '#api/core/context.ts'
import { type Job, type Subscription, withTrace } from '#api/core/jobs.ts'
import { type Db, runInTransaction } from './client.ts'

export type QueueLog = {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** pg-boss' tables live in a schema of their own; the migration grants it to the other roles. */
export const JOBS_SCHEMA = 'jobs'
/** Where a job goes whose tries are used up, or that can never succeed. */
export const DEAD_LETTERS = 'dead-letters'

const SENDER_CONNECTIONS = 1 // looks up and makes queues; jobs travel on their transaction's connection
const MAX_TRIES = 5 // THREATS F23: dead-letter after five, whatever a job asks for
const MAX_RETRY_DELAY_SECONDS = 300 // backoff ends here: a vendor that is back is noticed within five minutes
const EXPIRE_SECONDS = 300 // longest single run: a batch model call may take 120 s and be repaired once
const KEEP_DONE_SECONDS = 2 * 24 * 3600 // long retention slows fetches until vacuum
const KEEP_DEAD_SECONDS = 90 * 24 * 3600 // time for a person to look and to send them again
const MAX_SWALLOWS = 5 // a waiting twin that starts between two looks; each round needs another one to start

/**
 * How events and jobs leave a transaction: sent through its own handle, so they exist if and only if it commits.
 * `url` may be the application role's. Queues are made on the way.
 */
export async function createQueue(o: {
  url: string
  subscriptions: readonly Subscription[]
  /** Known beforehand, so that their queues exist before the first transaction needs them. */
  jobs?: readonly Job[]
  applicationName?: string
  log: QueueLog
}): Promise<Queue & { close(): Promise<void> }> {
  const boss = new PgBoss({
    connectionString: o.url,
    schema: JOBS_SCHEMA,
    application_name: `${o.applicationName ?? 'voxcalls'}-queue`,
    max: SENDER_CONNECTIONS,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  })
  listen(boss, o.log)
  await boss.start()

  const made = new Map<string, Promise<void>>()
  const ensure = (job: Job): Promise<void> => {
    const making = made.get(job.name) ?? makeQueue(boss, job)
    made.set(job.name, making)
    // A failure must not be remembered: the next transaction tries again.
    making.catch(() => made.delete(job.name))
    return making
  }

  const enqueue: Queue['enqueue'] = async (db, job, data, options = {}) => {
    const payload = job.data.parse(data) as object
    await ensure(job)
    await sendOnce(boss, db, job, withTrace(payload), options.startAfterSeconds ?? 0)
  }
  try {
    const subscribed = o.subscriptions.flatMap((subscription) => subscription.jobs)
    for (const job of [...(o.jobs ?? []), ...subscribed]) await ensure(job)
  } catch (error) {
    await boss.stop({ graceful: false })
    throw error
  }

  return {
    enqueue,
    async emit(db, happened, data) {
      for (const subscription of o.subscriptions) {
        if (subscription.event !== happened.name) continue
        for (const job of subscription.jobs) await enqueue(db, job, data)
      }
    },
    close: () => boss.stop({ graceful: false }),
  }
}

/** The queue of a job, with its retries; the one for dead letters first, since it must exist. */
export async function makeQueue(boss: PgBoss, job: Job): Promise<void> {
  await boss.createQueue(DEAD_LETTERS, {
    retryLimit: 0,
    retentionSeconds: KEEP_DEAD_SECONDS,
    deleteAfterSeconds: KEEP_DEAD_SECONDS,
  })
  // `short`: of one key, one job waits; another may come while the first runs.
  await boss.createQueue(job.name, { ...queueOptions(job), policy: 'short' })
}

export const queueOptions = (job: Job) => ({
  // pg-boss counts the tries after the first; a job with a limit of 0 is tried once as well.
  retryLimit: Math.max(Math.min(job.retry.limit, MAX_TRIES) - 1, 0),
  retryDelay: job.retry.delaySeconds,
  retryBackoff: true,
  retryDelayMax: Math.max(MAX_RETRY_DELAY_SECONDS, job.retry.delaySeconds),
  expireInSeconds: EXPIRE_SECONDS,
  deleteAfterSeconds: KEEP_DONE_SECONDS,
  deadLetter: DEAD_LETTERS,
  notify: true,
})

/** Without a listener an `error` event would end the process. */
export function listen(boss: PgBoss, log: QueueLog): void {
  boss.on('error', (error) => log.error({ err: error }, 'the job queue failed'))
  boss.on('warning', (warning) => log.warn({ warning }, 'the job queue warns'))
}

async function sendOnce(
  boss: PgBoss,
  db: Db,
  job: Job,
  payload: object,
  startAfterSeconds: number,
): Promise<void> {
  // A job that waits for its time must not swallow one that is wanted now.
  const key = `${job.key(payload)}${startAfterSeconds > 0 ? ':later' : ''}`
  const organizationId = 'organizationId' in payload ? String(payload.organizationId) : undefined
  const executor = {
    executeSql: async (text: string, values: unknown[] = []) => ({
      rows: await runInTransaction(db, text, values),
    }),
  }
  for (let round = 0; round < MAX_SWALLOWS; round++) {
    const id = await boss.send(job.name, payload, {
      singletonKey: key,
      startAfter: startAfterSeconds,
      ...(organizationId && { group: { id: organizationId } }),
      db: executor,
    })
    if (id) return
    // A twin waits already. It is kept from starting until we commit: started before, it would not see what we
    // wrote, and nobody would run afterwards. When it is gone by now, we send again.
    const waiting = await runInTransaction(
      db,
      `select id from ${JOBS_SCHEMA}.job
        where name = $1 and coalesce(singleton_key, '') = $2 and state = 'created' and policy = 'short' for share`,
      [job.name, key],
    )
    if (waiting.length > 0) return
  }
  throw new Error(`job ${job.name} could not be sent: its twins come and go`)
}
