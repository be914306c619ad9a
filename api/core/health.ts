import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { inTime } from './in-time.ts'
import type { Metrics } from './metrics.ts'

export type Probe = { status: number; contentType: string; body: string }

/** What orchestrators and Prometheus ask of a process; any HTTP server can give the answers. */
export type Health = {
  /** The process runs. Says nothing of what it depends on, or a restart would follow every outage. */
  live(): Probe
  /** Dependencies answer and the process is not draining. */
  ready(): Promise<Probe>
  metrics(authorization: string | undefined): Promise<Probe>
  /** From now on not ready: load balancers stop sending (THREATS F6). */
  drain(): void
  readonly isDraining: boolean
}

const CHECK_DEADLINE_MS = 2_000 // an orchestrator's own probe usually gives up after 3 s

export function createHealth(options: {
  name: string
  checks: Record<string, () => Promise<unknown>>
  metrics: Metrics
  /** Null leaves `/metrics` open, as on a developer's machine. */
  metricsToken: string | null
}): Health {
  let draining = false
  return {
    live: () => json(200, { status: 'ok', process: options.name }),
    async ready() {
      const names = Object.keys(options.checks)
      const outcomes = await Promise.all(names.map((name) => passes(options.checks[name])))
      const checks = Object.fromEntries(
        names.map((name, index) => [name, outcomes[index] ? 'ok' : 'failed']),
      )
      const ready = !draining && outcomes.every(Boolean)
      return json(ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', draining, checks })
    },
    async metrics(authorization) {
      const { metricsToken } = options
      if (metricsToken !== null && !isSame(authorization ?? '', `Bearer ${metricsToken}`))
        return json(401, { status: 'unauthenticated' })
      const { registry } = options.metrics
      return { status: 200, contentType: registry.contentType, body: await registry.metrics() }
    },
    drain() {
      draining = true
    },
    get isDraining() {
      return draining
    },
  }
}

/** For a process that serves nothing else. Resolves once it listens. */
export async function listenHealth(health: Health, port: number, host: string): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(health, request.url ?? '/', request.headers.authorization).then((probe) => {
      response.writeHead(probe.status, { 'content-type': probe.contentType }).end(probe.body)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

async function answer(
  health: Health,
  path: string,
  authorization: string | undefined,
): Promise<Probe> {
  if (path === '/livez') return health.live()
  if (path === '/readyz') return health.ready()
  if (path === '/metrics') return health.metrics(authorization)
  return json(404, { status: 'unknown path' })
}

async function passes(check: (() => Promise<unknown>) | undefined): Promise<boolean> {
  if (!check) return false
  const passed = check().then(
    () => true,
    () => false,
  )
  return inTime(passed, CHECK_DEADLINE_MS, () => false)
}

/** Compared by hash, so that time tells neither length nor content. */
const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(digest(given), digest(wanted))
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const json = (status: number, body: object): Probe => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
})
