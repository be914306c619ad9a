import { z } from 'zod'
import type { Context } from './context.ts'
import type { Event } from './events.ts'
import { traced, traceparent } from './tracing.ts'

export type Job<Data extends z.ZodType = z.ZodType> = {
  /** `domain.verb-thing`; also the queue's name. */
  name: string
  /** Ids, never rows: payloads outlive erasure. */
  data: Data
  retry: { limit: number; delaySeconds: number }
  /** How many run at once in one process, for jobs that last minutes and mostly wait; as usual where absent. */
  atOnce?: number
  /** Two jobs with one key are one job while the first waits. */
  key(data: z.output<Data>): string
  /** Safe to run twice. */
  run(ctx: Context, data: z.output<Data>): Promise<void>
}
export const job = <Data extends z.ZodType>(declared: Job<Data>): Job<Data> => declared

export type Subscription = { event: string; jobs: Job[] }

/** Pairs an event with the jobs it starts; payloads that do not fit do not compile. */
export const on = <Sent extends z.ZodType, Wanted extends z.ZodType>(
  happened: Event<Sent>,
  jobs: (z.output<Sent> extends z.input<Wanted> ? Job<Wanted> : never)[],
): Subscription => ({ event: happened.name, jobs: jobs as unknown as Job[] })

/** The payload as it is stored: the trace that a job goes on with travels beside the data it declares. */
export function withTrace(payload: object): object {
  const current = traceparent()
  return current === undefined ? payload : { ...payload, traceparent: current }
}

const carried = z.looseObject({ traceparent: z.string().optional() })

/** Undoes `withTrace`, so that a job sees only what it declares. */
export function splitTrace(stored: unknown): {
  traceparent: string | undefined
  declared: unknown
} {
  const parsed = carried.safeParse(stored)
  if (!parsed.success) return { traceparent: undefined, declared: stored }
  const { traceparent, ...declared } = parsed.data
  return { traceparent, declared }
}

const ids = z.object({ organizationId: z.uuid().optional(), callId: z.uuid().optional() })

/** Runs a job as part of the trace of whoever sent it. */
export function runTraced(
  job: Job,
  ctx: Context,
  data: unknown,
  run: { jobId: string; attempt: number; traceparent: string | undefined },
): Promise<void> {
  const about = ids.safeParse(data).data
  return traced(
    `job ${job.name}`,
    {
      kind: 'job',
      traceparent: run.traceparent,
      facts: {
        'voxcalls.job_id': run.jobId,
        'voxcalls.attempt': run.attempt,
        'voxcalls.request_id': ctx.requestId,
        'voxcalls.organization_id': about?.organizationId,
        'voxcalls.call_id': about?.callId,
      },
    },
    () => job.run(ctx, data),
  )
}
