import { z } from 'zod'
import { job } from '#api/core/jobs.ts'
import { refreshMember } from './service.ts'

/** Brings a member's copied name and address up to date; a person deleted at Clerk is taken out. */
export const refreshMemberJob = job({
  name: 'members.refresh-member',
  data: z.object({ userId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ userId }) => userId,
  run: (ctx, { userId }) => refreshMember(ctx, userId),
})
