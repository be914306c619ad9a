import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { type Job, job } from '#api/core/jobs.ts'
import { sessionToken, testEnvironment } from '#api/testing.ts'
import { createQueue } from '#db/queue.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { startWorkers } from '#db/workers.ts'
import { agentOf, ask, percentile, perSecond, type Target, times } from './api-load.ts'
import { FULL, REDUCED, type Seeded, seed } from './api-seed.ts'
import type { Bench, Row } from './wallet.ts'

const GOAL_MS = 150 // p95 of what a page of the console asks
const ASKED = 60 // times each; the first few warm plans and code and are not counted
const WARM = 10
const CONNECTIONS = 8
const ROUND_MS = 1_500
const ROUNDS = 7 // sides take turns, so that a busy machine slows both; the middle ratio counts
const LIST_GOAL = 0.6 // of the same query in a bare route
const JOBS = 60
const JOB_GOAL_MS = 100
const START_MS = 30_000
const HOUR_SECONDS = 3_600

/** What the console asks of a platform with a million calls, over HTTP, and what the layers around a query cost. */
export const benches: Bench[] = [{ name: 'api', run: runApi }]

async function runApi(): Promise<Row[]> {
  const t = await testDatabase()
  const children: ChildProcess[] = []
  try {
    const size = process.argv.includes('--full') ? FULL : REDUCED
    const seeded = await seed(t, size)
    console.error(
      `  ${size.organizations} organizations and ${size.calls} calls made in ${seeded.seconds.toFixed(0)} s`,
    )
    const [port, barePort] = [await freePort(), await freePort()]
    children.push(await startApi(t, port), await startBare(t, seeded, barePort))
    return [
      ...(await askEverything(port, seeded)),
      await compareList(port, barePort, seeded),
      await measureJobs(t),
    ]
  } finally {
    await Promise.all(children.map(end))
    await t.close()
  }
}

const tokenOf = (clerkUserId: string): string =>
  sessionToken(clerkUserId, { exp: Math.floor(Date.now() / 1000) + HOUR_SECONDS })

async function askEverything(port: number, seeded: Seeded): Promise<Row[]> {
  const root = tokenOf(seeded.superAdminClerkId)
  const admin = tokenOf(seeded.adminClerkId)
  const agent = agentOf(1)
  const bare = await times(agent, ASKED, () => ({ port, path: '/livez' }))
  const baseline = percentile(bare, 0.95)
  const rows: Row[] = []
  const measure = async (name: string, token: string, paths: readonly string[]) => {
    let i = 0
    const next = () => ({ port, token, path: paths[i++ % paths.length] ?? '' })
    const taken = await times(agent, ASKED + WARM, next)
    rows.push(answerTime(name, percentile(taken.slice(WARM), 0.95), baseline))
  }
  const deep = (token: string, path_: string) => deepCursor(agent, { port, token, path: path_ })

  const organizations = '/v1/platform/organizations?limit=25'
  await measure('platform organizations, first page', root, [organizations])
  const far = await deep(root, '/v1/platform/organizations?limit=100')
  await measure('platform organizations, deep page', root, [`${organizations}&cursor=${far}`])
  const searches = ['contoso', 'a1b2', 'zzzz', seeded.bigOrganizationId]
  await measure(
    'platform organizations, search',
    root,
    searches.map((text) => `${organizations}&search=${text}`),
  )
  for (const days of [30, 90, 365])
    await measure(`platform metrics, ${days} days`, root, [`/v1/platform/metrics?${range(days)}`])

  await measure('usage of a year', admin, [`/v1/usage?${range(365)}`])
  const calls = '/v1/calls?limit=25'
  await measure('calls, first page', admin, [calls])
  const farCall = await deep(admin, '/v1/calls?limit=100')
  await measure('calls, deep page', admin, [`${calls}&cursor=${farCall}`])
  await measure('calls, by state, kind and direction', admin, [
    `${calls}&state=running`,
    `${calls}&state=failed`,
    `${calls}&kind=mock&direction=outbound`,
    `${calls}&kind=meeting`,
  ])
  const from = new Date(Date.now() - 200 * 86_400_000).toISOString()
  const to = new Date(Date.now() - 190 * 86_400_000).toISOString()
  await measure('calls, of ten days', admin, [`${calls}&from=${from}&to=${to}`])
  await measure('calls, by number', admin, [
    `${calls}&number=${encodeURIComponent('+15000004000')}`,
    `${calls}&number=4000`,
    `${calls}&number=999999999`,
  ])
  await measure('calls, full text', admin, [
    `${calls}&text=delivery`,
    `${calls}&text=xylophone`,
    `${calls}&text=peculiar%20monday`,
    `${calls}&text=nowheretobefound`,
  ])
  const call = `/v1/calls/${seeded.callId}`
  await measure('call, with its turns and events', admin, [
    call,
    `${call}/events`,
    `${call}/transcript`,
  ])
  const audit = '/v1/audit/entries?limit=25'
  await measure('audit, newest and by action', admin, [audit, `${audit}&action=wallet`])
  await measure('members', admin, ['/v1/members?limit=25'])
  agent.destroy()
  return rows
}

const answerTime = (name: string, value: number, baseline: number): Row => ({
  name: `${name}, p95`,
  value,
  unit: 'ms',
  baseline,
  ratio: value / baseline,
  goal: `<= ${GOAL_MS} ms`,
  met: value <= GOAL_MS,
})

/** `from` and `to` of the last so many days. */
function range(days: number): string {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  return `from=${day(days - 1)}&to=${day(0)}`
}

/** The cursor after as many pages as a patient reader turns. */
async function deepCursor(agent: ReturnType<typeof agentOf>, first: Target): Promise<string> {
  const PAGES = 40
  let cursor = ''
  for (let page = 0; page < PAGES; page++) {
    const path_ = cursor ? `${first.path}&cursor=${cursor}` : first.path
    const answer = JSON.parse(await ask(agent, { ...first, path: path_ }))
    if (!answer.nextCursor) break
    cursor = answer.nextCursor
  }
  return cursor
}

async function compareList(port: number, barePort: number, seeded: Seeded): Promise<Row> {
  const ours = { port, path: '/v1/calls', token: tokenOf(seeded.adminClerkId) }
  const bare = { port: barePort, path: '/calls' }
  const agents = { ours: agentOf(CONNECTIONS), bare: agentOf(CONNECTIONS) }
  const rates: { ours: number; bare: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % 2 === 0
    const run = (side: 'ours' | 'bare') =>
      perSecond(agents[side], CONNECTIONS, ROUND_MS, side === 'ours' ? ours : bare)
    const a = await run(first ? 'ours' : 'bare')
    const b = await run(first ? 'bare' : 'ours')
    if (round > 0) rates.push(first ? { ours: a, bare: b } : { ours: b, bare: a })
  }
  agents.ours.destroy()
  agents.bare.destroy()
  const ratio = percentile(
    rates.map((pair) => pair.ours / pair.bare),
    0.5,
  )
  return {
    name: `list of calls, ${CONNECTIONS} connections`,
    value: percentile(
      rates.map((pair) => pair.ours),
      0.5,
    ),
    unit: 'a second',
    baseline: percentile(
      rates.map((pair) => pair.bare),
      0.5,
    ),
    ratio,
    goal: `>= ${LIST_GOAL} of the query in a bare route`,
    met: ratio >= LIST_GOAL,
  }
}

async function measureJobs(t: TestDatabase): Promise<Row> {
  const started = new Map<string, number>()
  const measured = job({
    name: 'bench.measure',
    data: z.object({ id: z.uuid() }),
    retry: { limit: 1, delaySeconds: 1 },
    key: ({ id }) => id,
    run: async (_, { id }) => void started.set(id, performance.now()),
  }) as unknown as Job
  const log = { warn: console.error, error: console.error }
  const organizationId = await t.anOrganization()
  const queue = await createQueue({ url: t.urls.app, subscriptions: [], jobs: [measured], log })
  const workers = await startWorkers({
    ownerUrl: t.urls.owner,
    jobs: [measured],
    // The job uses no context.
    contextFor: () => ({}) as Context,
    log,
  })
  try {
    const committed = new Map<string, number>()
    const sending: number[] = []
    for (let i = 0; i < JOBS; i++) {
      const id = randomUUIDv7()
      const from = performance.now()
      await t.database.withOrganization(organizationId, (db) => queue.enqueue(db, measured, { id }))
      committed.set(id, performance.now())
      sending.push(performance.now() - from)
      await sleep(50 * Math.random())
    }
    const deadline = performance.now() + START_MS
    while (started.size < JOBS && performance.now() < deadline) await sleep(10)
    const waits = [...committed].map(([id, at]) => (started.get(id) ?? Infinity) - at)
    const value = percentile(waits, 0.95)
    const baseline = percentile(sending, 0.95)
    return {
      name: 'job, from its commit to its start, p95',
      value,
      unit: 'ms',
      baseline,
      ratio: value / baseline,
      goal: `<= ${JOB_GOAL_MS} ms`,
      met: value <= JOB_GOAL_MS,
    }
  } finally {
    await workers.stop(1)
    await queue.close()
  }
}

/** The very process that serves in production, on a port of its own. */
async function startApi(t: TestDatabase, port: number): Promise<ChildProcess> {
  const [guard, server] = ['../scripts/child-guard.mjs', '../api/server.ts'].map((file) =>
    path.join(import.meta.dirname, file),
  )
  // The guard ends it when this process is killed.
  const child = spawn(process.execPath, ['--import', guard ?? '', server ?? ''], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...testEnvironment(),
      DATABASE_URL: t.urls.app,
      DATABASE_PLATFORM_URL: t.urls.platform,
      API_PORT: String(port),
      LOG_LEVEL: 'info',
    },
  })
  const agent = agentOf(1)
  const deadline = performance.now() + START_MS
  for (;;) {
    const up = await ask(agent, { port, path: '/readyz' }).catch(() => null)
    if (up !== null) break
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error('the API did not come up')
    await sleep(100)
  }
  agent.destroy()
  return child
}

async function startBare(t: TestDatabase, seeded: Seeded, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'api-bare.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      // The platform's role reads every organization without naming one.
      BARE_DATABASE_URL: t.urls.platform,
      BARE_ORGANIZATION: seeded.bigOrganizationId,
      BARE_PORT: String(port),
    },
  })
  await once(child, 'message', { signal: AbortSignal.timeout(START_MS) })
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
