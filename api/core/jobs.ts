import type { z } from 'zod'
import type { Context } from './context.ts'
import type { Event } from './events.ts'

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
