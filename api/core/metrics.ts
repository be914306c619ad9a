import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Breakers } from './vendors.ts'

/** What one process counts. Others add their own gauges to `registry`. */
export type Metrics = {
  registry: Registry
  requestSeconds: Histogram<'method' | 'route' | 'status'>
  /** Checks that refused somebody: signature, token, permission, limit. */
  refused: Counter<'check'>
  webhooks: Counter<'vendor' | 'outcome'>
  stop(): void
}

// The goals stand at 150 ms p95, so the steps are finest around it.
const REQUEST_STEPS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10]

/** A registry a process, never prom-client's global one: two apps in a test must not share counts. */
export function createMetrics(processName: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ process: processName })
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'voxcalls_http_request_seconds',
      help: 'Time from a request’s first byte to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_STEPS_SECONDS,
      registers: [registry],
    }),
    refused: new Counter({
      name: 'voxcalls_refused_checks_total',
      help: 'Requests and messages refused, by the check that refused them',
      labelNames: ['check'],
      registers: [registry],
    }),
    webhooks: new Counter({
      name: 'voxcalls_webhooks_total',
      help: 'Webhook deliveries by vendor and what became of them',
      labelNames: ['vendor', 'outcome'],
      registers: [registry],
    }),
    stop: () => registry.clear(),
  }
}

const STATE_VALUES = { closed: 0, half_open: 1, open: 2 } as const

/** Breakers of this process, read when Prometheus asks. Accounts of tenants are counted, never named. */
export function addBreakerMetrics({ registry }: Metrics, breakers: Breakers): void {
  const platform = () => breakers.readings().filter(({ account }) => account === null)
  const gauge = (name: string, help: string, write: (gauge: Gauge<'vendor'>) => void) =>
    new Gauge({
      name,
      help,
      labelNames: ['vendor'],
      registers: [registry],
      collect() {
        this.reset()
        write(this)
      },
    })
  gauge(
    'voxcalls_breaker_state',
    'The breaker of the platform’s account: 0 closed, 1 half-open, 2 open',
    (state) => {
      for (const { vendor, state: now } of platform()) state.set({ vendor }, STATE_VALUES[now])
    },
  )
  gauge(
    'voxcalls_breaker_tenant_accounts_away',
    'Accounts of tenants whose breaker is not closed',
    (away) => {
      for (const { vendor, account, state } of breakers.readings())
        if (account !== null) away.inc({ vendor }, Number(state !== 'closed'))
    },
  )
  new Counter({
    name: 'voxcalls_breaker_opened_total',
    help: 'How often a breaker opened, those of tenants’ accounts too',
    labelNames: ['vendor'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { vendor, openings } of breakers.readings()) this.inc({ vendor }, openings)
    },
  })
}
