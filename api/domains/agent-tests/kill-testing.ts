import type { Context } from '#api/core/context.ts'
import { runNextJob } from './jobs.ts'

/** The next run of an agent, done by a process that will be killed. */
export const perform = (ctx: Context, deed: { organizationId: string; agentId: string }) =>
  runNextJob.run(ctx, deed)
