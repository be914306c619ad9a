import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from './log.ts'
import type { Tracing } from './tracing-sdk.ts'

// The one thing here that is a process's and not a context's: a vendor's request knows no context, and the trace it
// belongs to is found by the runtime's own async context anyway.
let tracing: Tracing | null = null

/**
 * All that a span may say: ids, counts and names that the code knows. The list is closed, so that no number, word or
 * token of a person comes in by the way (THREATS T25).
 */
export type Facts = {
  readonly [name in
    | 'http.request.method'
    | 'http.response.status_code'
    | 'http.route'
    | 'server.address'
    | 'voxcalls.actor'
    | 'voxcalls.agent_reconnects'
    | 'voxcalls.attempt'
    | 'voxcalls.call_id'
    | 'voxcalls.direction'
    | 'voxcalls.dropped_frames'
    | 'voxcalls.end_reason'
    | 'voxcalls.interruptions'
    | 'voxcalls.job_id'
    | 'voxcalls.media_ms'
    | 'voxcalls.organization_id'
    | 'voxcalls.request_id'
    | 'voxcalls.resumes']?: string | number | undefined
}

export type TracingOptions = {
  /** Which kind of process: `api`, `worker`, `voice`. */
  service: string
  /** Which of several of a kind. */
  instance?: string
  log: Logger
}

/** Where a trace enters this process. */
export type Opened = {
  kind: 'server' | 'job' | 'call'
  /** Of the hop before (W3C); without one a trace begins here. */
  traceparent: string | undefined
  facts: Facts
}

export type Step = { set(facts: Facts): void }
export type OpenSpan = Step & {
  /** Steps taken inside `work`, also later and by what it starts, belong to this span. */
  within<T>(work: () => T): T
  /** Something that happened meanwhile: its kind, never its words. */
  note(kind: string): void
  /** An error, or its name. */
  fail(error: unknown): void
  end(): void
}

const FLUSH_MS = 2_500 // below the shortest step of a shutdown (THREATS F26): late traces are lost, not waited for

/** Sends traces to a collector from now on. Without an endpoint nothing of OpenTelemetry is even loaded. */
export async function startTracing(o: TracingOptions & { endpoint: string | null }): Promise<void> {
  const { endpoint } = o
  if (endpoint === null) return
  const { openTracing } = await import('./tracing-sdk.ts')
  tracing = openTracing({ ...o, endpoint })
}

/** Sends what is left, within a deadline of its own. */
export async function stopTracing(): Promise<void> {
  const stopped = tracing
  tracing = null
  if (stopped) await Promise.race([stopped.close(), sleep(FLUSH_MS, undefined, { ref: false })])
}

export const isTracing = (): boolean => tracing !== null

/** A span of its own, to be ended by whoever opened it; costs nothing where nobody collects. */
export const openSpan = (name: string, opened: Opened): OpenSpan =>
  tracing ? tracing.open(name, opened) : NO_SPAN

/** Runs `work` in a span of its own. */
export async function traced<T>(name: string, opened: Opened, work: () => Promise<T>): Promise<T> {
  if (!tracing) return work()
  const span = tracing.open(name, opened)
  try {
    return await span.within(work)
  } catch (error) {
    span.fail(error)
    throw error
  } finally {
    span.end()
  }
}

/** Runs `work` as one step of the trace that is going on here; where none is, it just runs. */
export const asStep = <T>(
  name: string,
  facts: Facts,
  work: (step: Step) => Promise<T>,
): Promise<T> => (tracing ? tracing.step(name, facts, work) : work(NO_SPAN))

/** What the next hop is told to go on with this trace. */
export const traceparent = (): string | undefined => tracing?.traceparent()

const NO_SPAN: OpenSpan = {
  within: (work) => work(),
  set: () => undefined,
  note: () => undefined,
  fail: () => undefined,
  end: () => undefined,
}
