import { randomUUIDv7 } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Queue } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { forgetRejectionsJob } from '#api/core/inbox/jobs.ts'
import { markHandled, recordRejection, rememberDelivery } from '#api/core/inbox/service.ts'
import { aCallCentre, aCallSid } from '#api/domains/calls/testing.ts'
import { noteCallJob } from '#api/domains/usage/jobs.ts'
import { jobs, subscriptions } from '#api/subscriptions.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { createQueue } from '#db/queue.ts'
import { startWorkers } from '#db/workers.ts'
import * as contract from './contract.ts'
import { verifyInvariants } from './service.ts'

let api: TestApi
let root: Person
let queue: Queue & { close(): Promise<void> }
const log = { warn: () => undefined, error: () => undefined }
beforeAll(async () => {
  api = await testApi()
  root = await api.aHolderOf('super_admin')
  queue = await createQueue({ url: api.database.urls.app, subscriptions, jobs, log })
  api.deps.queue = queue
})
beforeEach(() => api.database.query('admin', 'delete from jobs.job'))
afterAll(async () => {
  await queue.close()
  await api.close()
})

const inQueue = (name: string) =>
  api.database.query<{ data: unknown; state: string }>(
    'admin',
    'select data, state from jobs.job where name = $1',
    [name],
  )

const lastAudit = async () =>
  (
    await api.database.query<{ action: string; subject: string; after: unknown; actor_id: string }>(
      'platform',
      'select action, subject, after, actor_id from platform_audit_entries order by sequence desc limit 1',
    )
  )[0]

describe('the job desk', () => {
  const aDeadLetter = async (
    letter: { queue?: string; data?: object; output?: object; minutesAgo?: number } = {},
  ): Promise<string> => {
    const id = randomUUIDv7()
    await api.database.query(
      'admin',
      `insert into jobs.job (id, name, data, created_on, source_name, source_id, source_created_on,
                             source_retry_count, source_output)
       values ($1, 'dead-letters', $2, now() - make_interval(mins => $3), $4, gen_random_uuid(),
               now() - interval '1 day', 4, $5)`,
      [
        id,
        JSON.stringify(letter.data ?? { organizationId: randomUUIDv7(), callId: randomUUIDv7() }),
        letter.minutesAgo ?? 0,
        letter.queue ?? noteCallJob.name,
        JSON.stringify(letter.output ?? { error: 'TypeError' }),
      ],
    )
    return id
  }
  const listFailed = async (query: object = {}) =>
    contract.listFailedJobs.response.parse(
      (await api.call(contract.listFailedJobs, { query }, root)).json(),
    )
  const retry = (jobId: string) => api.call(contract.retryJob, { params: { jobId } }, root)

  test('tells of every queue what waits, runs and failed, and how long the oldest waits', async () => {
    await aDeadLetter()
    const data = { organizationId: randomUUIDv7(), callId: randomUUIDv7() }
    await asPlatform(api.ctx, (tx) => queue.enqueue(tx.db, noteCallJob as never, data))
    await api.database.query(
      'admin',
      `update jobs.job set start_after = now() - interval '90 seconds' where name = $1`,
      [noteCallJob.name],
    )
    const response = await api.call(contract.listJobQueues, {}, root)
    const { items } = contract.listJobQueues.response.parse(response.json())
    const found = items.find(({ name }) => name === noteCallJob.name)
    expect(found).toMatchObject({ waiting: 1, active: 0, failed: 1 })
    expect(found?.oldestWaitingSeconds).toBeGreaterThanOrEqual(90)
    expect(items.map(({ name }) => name)).toEqual(
      expect.arrayContaining((jobs as readonly { name: string }[]).map(({ name }) => name)),
    )
    expect(items.map(({ name }) => name)).not.toContain('dead-letters')
  })

  test('lists failed jobs newest first, a page at a time, also of one queue', async () => {
    const old = await aDeadLetter({ minutesAgo: 5, output: { message: 'unreadable data' } })
    const middle = await aDeadLetter({ minutesAgo: 3, queue: 'calls.reconcile-call' })
    const young = await aDeadLetter({ minutesAgo: 1 })
    const first = await listFailed({ limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual([young, middle])
    const second = await listFailed({ limit: 2, cursor: first.nextCursor })
    expect(second).toMatchObject({
      items: [{ id: old, queue: noteCallJob.name, error: 'unreadable data', tries: 5 }],
      nextCursor: null,
    })
    const ofOne = await listFailed({ queue: 'calls.reconcile-call' })
    expect(ofOne.items).toMatchObject([{ id: middle, error: 'TypeError' }])
  })

  test('sends a job again once, however often at once it is asked', async () => {
    const data = { organizationId: randomUUIDv7(), callId: randomUUIDv7() }
    const id = await aDeadLetter({ data })
    const answers = await Promise.all(Array.from({ length: 5 }, () => retry(id)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, 404, 404, 404, 404])
    expect(await inQueue(noteCallJob.name)).toEqual([{ data, state: 'created' }])
    expect(await inQueue('dead-letters')).toEqual([])
    expect(await lastAudit()).toEqual({
      action: 'operations.retry-job',
      subject: id,
      after: { queue: noteCallJob.name },
      actor_id: root.userId,
    })
  })

  test('what is sent again really runs', async () => {
    let ran = 0
    const id = await aDeadLetter()
    const counted = { ...noteCallJob, run: async () => void ran++ }
    const workers = await startWorkers({
      ownerUrl: api.database.urls.owner,
      jobs: [counted as never],
      contextFor: () => api.ctx,
      log,
    })
    try {
      await Promise.all([retry(id), retry(id)])
      await expect
        .poll(async () => (await inQueue(noteCallJob.name)).map(({ state }) => state), {
          timeout: 10_000,
        })
        .toEqual(['completed'])
      expect(ran).toBe(1)
    } finally {
      await workers.stop(5)
    }
  })

  test('sends all of one queue again, twins as one, and leaves what a job cannot read', async () => {
    const twin = { organizationId: randomUUIDv7(), callId: randomUUIDv7() }
    await aDeadLetter({ data: twin })
    await aDeadLetter({ data: twin })
    await aDeadLetter()
    const unreadable = await aDeadLetter({ data: { callId: 7 } })
    const other = await aDeadLetter({ queue: 'calls.reconcile-call' })
    const all = () => api.call(contract.retryAllJobs, { body: { queue: noteCallJob.name } }, root)
    const answers = await Promise.all([all(), all()])
    // Each takes what the other has not: all of it, none, or a part.
    const retried = answers.map((answer) => answer.json().retried as number)
    expect(retried.reduce((sum, count) => sum + count)).toBe(3)
    expect(await inQueue(noteCallJob.name)).toHaveLength(2)
    expect((await listFailed()).items.map(({ id }) => id).sort()).toEqual(
      [unreadable, other].sort(),
    )
    expect(await lastAudit()).toMatchObject({
      action: 'operations.retry-jobs',
      subject: noteCallJob.name,
      after: { retried: 3 },
    })
  })

  test('refuses a job that is not there, that nobody runs, or that would fail again', async () => {
    const gone = await aDeadLetter({ queue: 'long.gone' })
    const unreadable = await aDeadLetter({ data: {} })
    const codeOf = async (id: string) => (await retry(id)).json().code
    expect(await codeOf(randomUUIDv7())).toBe('request.not_found')
    expect(await codeOf(gone)).toBe('operations.job_unknown')
    expect(await codeOf(unreadable)).toBe('operations.job_unreadable')
    expect((await listFailed()).items.map(({ id }) => id)).toContain(unreadable)
    const body = { queue: 'long.gone' }
    const all = await api.call(contract.retryAllJobs, { body }, root)
    expect([all.statusCode, all.json().code]).toEqual([409, 'operations.job_unknown'])
  })
})

test('what must always hold is checked over the API, and what does not is named', async () => {
  const ask = async () =>
    contract.verifyPlatform.response.parse(
      (await api.call(contract.verifyPlatform, {}, root)).json(),
    )
  const usageOf = async () => (await ask()).findings.filter(({ check }) => check === 'usage')
  expect(await usageOf()).toEqual([])
  const organizationId = await api.database.anOrganization()
  await api.database.query(
    'app',
    `insert into usage_days (organization_id, day, kind, calls, billable_seconds, charged_cents, vendor_cost_micro_usd,
                             calls_without_vendor_cost, charged_cents_of_known_cost, computed_at)
     values ($1, '2026-01-01', 'agent', 1, 1, 1, 1, 0, 1, now())`,
    [organizationId],
    organizationId,
  )
  expect(await usageOf()).toEqual([
    {
      check: 'usage',
      subject: `organization ${organizationId}, 2026-01-01, agent`,
      problem: 'the sums are not those of the calls',
    },
  ])
  expect(await ask()).toMatchObject({ ok: false, unfinished: [] })
  await api.database.query('app', 'delete from usage_days', [], organizationId)
})

test('checks there is no time for are named as unfinished', async () => {
  const report = await verifyInvariants(api.ctx, { until: new Date(0) })
  expect(report).toMatchObject({ ok: false, findings: [] })
  expect(report.unfinished).toEqual(['ledger', 'calls', 'usage', 'recordings', 'audit'])
})

describe('the inbox desk', () => {
  const aDelivery = (
    vendor: 'twilio' | 'elevenlabs' | 'clerk' | 'stripe',
    deliveryId: string,
    subject: Record<string, string> = {},
    outcome?: string,
  ) =>
    asPlatform(api.ctx, async (tx) => {
      await rememberDelivery(tx, vendor, deliveryId, 'test.kind', subject)
      if (outcome) await markHandled(tx, vendor, deliveryId, outcome)
    })
  const deliveries = async (query: object) =>
    contract.listWebhookDeliveries.response.parse(
      (await api.call(contract.listWebhookDeliveries, { query }, root)).json(),
    )
  const replay = (vendor: 'twilio' | 'elevenlabs' | 'clerk' | 'stripe', deliveryId: string) =>
    api.call(contract.replayWebhookDelivery, { body: { vendor, deliveryId } }, root)

  test('lists deliveries newest first by page, vendor and whether they were finished', async () => {
    await aDelivery('stripe', 'evt_1', { a: 'b' }, 'credited')
    await aDelivery('stripe', 'evt_2')
    await aDelivery('clerk', 'evt_2', {}, 'synced')
    // One moment for two vendors' same id: a page may end between them.
    await api.database.query(
      'platform',
      `update webhook_deliveries set received_at = '2026-01-01T00:00:00.001Z' where delivery_id = 'evt_2'`,
    )
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await deliveries({ limit: 1, ...(cursor && { cursor }) })
      seen.push(...page.items.map(({ vendor, deliveryId }) => `${vendor} ${deliveryId}`))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(seen).toEqual(['stripe evt_1', 'stripe evt_2', 'clerk evt_2'])
    const open = await deliveries({ vendor: 'stripe', status: 'open' })
    expect(open.items).toMatchObject([{ deliveryId: 'evt_2', handledAt: null, outcome: null }])
    expect((await deliveries({ vendor: 'clerk', status: 'handled' })).items).toHaveLength(1)
    const response = await api.call(
      contract.listWebhookDeliveries,
      { query: { cursor: 'made up' } },
      root,
    )
    expect(response.statusCode).toBe(400)
  })

  test('a delivery is done again from what the vendor says now, and who asked is on record', async () => {
    const centre = await aCallCentre(api)
    const twilioCallSid = aCallSid()
    const callId = randomUUIDv7()
    await api.database.query(
      'admin',
      `insert into calls (organization_id, id, kind, direction, from_number, to_number, twilio_account_sid, twilio_call_sid)
       values ($1, $2, 'agent', 'inbound', '+15550001111', '+15550002222', $3, $4)`,
      [centre.organizationId, callId, centre.twilioAccountSid, twilioCallSid],
      centre.organizationId,
    )
    await aDelivery('twilio', `${twilioCallSid}:ringing`, { twilioCallSid })
    const { twilio } = api.deps.vendors
    api.deps.vendors.twilio = {
      ...twilio,
      fetchCall: async () => ({
        status: 'ringing',
        durationSeconds: null,
        startedAt: null,
        endedAt: null,
      }),
    }
    try {
      const response = await replay('twilio', `${twilioCallSid}:ringing`)
      expect([response.statusCode, response.json()]).toMatchObject([202, { outcome: 'noted' }])
      expect((await replay('twilio', `${twilioCallSid}:ringing`)).json().outcome).toBe('known')
    } finally {
      api.deps.vendors.twilio = twilio
    }
    const events = await api.database.query<{ kind: string }>(
      'admin',
      `select kind from call_events where call_id = $1 and kind like 'carrier%'`,
      [callId],
      centre.organizationId,
    )
    expect(events).toEqual([{ kind: 'carrier.ringing' }])
    expect(await lastAudit()).toMatchObject({
      action: 'operations.replay-webhook',
      subject: `twilio:${twilioCallSid}:ringing`,
      after: { outcome: 'known' },
      actor_id: root.userId,
    })
  })

  test('a delivery that names no call of ours changes nothing', async () => {
    await aDelivery('elevenlabs', 'conv_x:post_call', { conversationId: 'conv_x' })
    expect((await replay('elevenlabs', 'conv_x:post_call')).json().outcome).toBe('not ours')
  })

  test('a delivery that is not there is not found; a vendor that does not answer is said so', async () => {
    expect((await replay('clerk', 'nowhere')).statusCode).toBe(404)
    await aDelivery('clerk', 'evt_away', { clerkUserId: 'user_away' })
    // Nothing listens where the test environment has Clerk.
    expect((await replay('clerk', 'evt_away')).json().code).toBe('vendor.unavailable')
    const [row] = (await deliveries({ vendor: 'clerk', status: 'open' })).items
    expect(row?.deliveryId).toBe('evt_away')
  })

  test('what is not genuine is kept, but a flood of it only in part', async () => {
    const now = () => new Date('2026-02-03T04:05:06Z')
    const ctx = { ...api.ctx, now }
    for (let i = 0; i < 50; i++) await recordRejection(ctx, 'stripe', 'signature', 100 + i)
    await recordRejection(ctx, 'twilio', 'signature', 7)
    const list = async (query: object) =>
      contract.listWebhookRejections.response.parse(
        (await api.call(contract.listWebhookRejections, { query }, root)).json(),
      )
    expect((await list({ vendor: 'stripe', limit: 100 })).items).toHaveLength(30)
    expect((await list({ vendor: 'twilio' })).items).toMatchObject([
      { reason: 'signature', bodyBytes: 7, at: now() },
    ])
    const first = await list({ vendor: 'stripe', limit: 20 })
    const rest = await list({ vendor: 'stripe', limit: 20, cursor: first.nextCursor })
    expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(30)

    const later = () => new Date(now().getTime() + 31 * 24 * 3_600_000)
    await forgetRejectionsJob.run({ ...api.ctx, now: later }, {})
    expect((await list({})).items).toEqual([])
  })

  test('a forged webhook leaves a line, and no body', async () => {
    const post = (url: string, payload: object) => api.app.inject({ method: 'POST', url, payload })
    await post('/webhooks/clerk', { type: 'user.created', data: { id: 'user_forged' } })
    await post('/webhooks/elevenlabs', { type: 'post_call_transcription', data: {} })
    const rows = await api.database.query<Record<string, unknown>>(
      'platform',
      'select vendor, reason, body_bytes from webhook_rejections order by vendor',
    )
    expect(rows).toEqual([
      { vendor: 'clerk', reason: 'headers', body_bytes: 51 },
      { vendor: 'elevenlabs', reason: 'signature', body_bytes: 44 },
    ])
  })
})
