import { type Job, on, type Subscription } from './core/jobs.ts'
import { userSynced } from './domains/access/events.ts'
import { pushAgentJob } from './domains/agents/jobs.ts'
import { callSettled } from './domains/calls/events.ts'
import {
  endAbandonedCallsJob,
  pollConversationsJob,
  reconcileCallJob,
} from './domains/calls/jobs.ts'
import { refreshMemberJob } from './domains/members/jobs.ts'

/** Which jobs an event starts: the only such list. */
export const subscriptions: Subscription[] = [
  on(callSettled, [reconcileCallJob]),
  on(userSynced, [refreshMemberJob]),
]

/** Every job there is; a worker runs them all, and a queue exists for each. */
export const jobs = [
  pushAgentJob,
  refreshMemberJob,
  reconcileCallJob,
  pollConversationsJob,
  endAbandonedCallsJob,
] as unknown as Job[]
