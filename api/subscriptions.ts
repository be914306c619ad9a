import { type Job, on, type Subscription } from './core/jobs.ts'
import { pushAgentJob } from './domains/agents/jobs.ts'
import { callSettled } from './domains/calls/events.ts'
import {
  endAbandonedCallsJob,
  pollConversationsJob,
  reconcileCallJob,
} from './domains/calls/jobs.ts'

/** Which jobs an event starts: the only such list. */
export const subscriptions: Subscription[] = [on(callSettled, [reconcileCallJob])]

/** Every job there is; a worker runs them all, and a queue exists for each. */
export const jobs = [
  pushAgentJob,
  reconcileCallJob,
  pollConversationsJob,
  endAbandonedCallsJob,
] as unknown as Job[]
