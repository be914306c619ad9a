import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { pickUpOverdue, publish } from './tell.ts'

export { deliverMessageJob } from './deliver-job.ts'

const ofCall = z.object({ organizationId: z.uuid(), callId: z.uuid() })
const ofOrganization = z.object({ organizationId: z.uuid() })
const ofMember = z.object({ organizationId: z.uuid(), userId: z.uuid() })
const ofWallet = z.object({ organizationId: z.uuid(), usedPercent: z.int() })
const retry = { limit: 5, delaySeconds: 5 }

/** One job an event: what happened once to one call is told once; other events may repeat after a crash. */
export const tellCallEndedJob = job({
  name: 'outgoing-webhooks.tell-call-ended',
  data: ofCall,
  retry,
  key: ({ callId }) => callId,
  run: (ctx, { organizationId, callId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `call.ended:${callId}`,
      event: 'call.ended',
      data: { callId },
    }),
})

export const tellRecordingStoredJob = job({
  name: 'outgoing-webhooks.tell-recording-stored',
  data: ofCall,
  retry,
  key: ({ callId }) => callId,
  run: (ctx, { organizationId, callId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `recording.stored:${callId}`,
      event: 'recording.stored',
      data: { callId },
    }),
})

export const tellWalletLowJob = job({
  name: 'outgoing-webhooks.tell-wallet-low',
  data: ofWallet,
  retry,
  key: ({ organizationId, usedPercent }) => `${organizationId}:${usedPercent}`,
  run: (ctx, { organizationId, usedPercent }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `wallet.low:${randomUUIDv7()}`,
      event: 'wallet.low',
      data: { usedPercent },
    }),
})

export const tellWalletExhaustedJob = job({
  name: 'outgoing-webhooks.tell-wallet-exhausted',
  data: ofOrganization,
  retry,
  key: ({ organizationId }) => organizationId,
  run: (ctx, { organizationId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `wallet.exhausted:${randomUUIDv7()}`,
      event: 'wallet.exhausted',
      data: {},
    }),
})

export const tellMemberJoinedJob = job({
  name: 'outgoing-webhooks.tell-member-joined',
  data: ofMember,
  retry,
  key: ({ organizationId, userId }) => `${organizationId}:${userId}`,
  run: (ctx, { organizationId, userId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `member.joined:${randomUUIDv7()}`,
      event: 'member.joined',
      data: { userId },
    }),
})

export const tellMemberRemovedJob = job({
  name: 'outgoing-webhooks.tell-member-removed',
  data: ofMember,
  retry,
  key: ({ organizationId, userId }) => `${organizationId}:${userId}`,
  run: (ctx, { organizationId, userId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `member.removed:${randomUUIDv7()}`,
      event: 'member.removed',
      data: { userId },
    }),
})

export const tellOrganizationPausedJob = job({
  name: 'outgoing-webhooks.tell-organization-paused',
  data: ofOrganization,
  retry,
  key: ({ organizationId }) => organizationId,
  run: (ctx, { organizationId }) =>
    publish(forOrganization(ctx, organizationId), {
      eventId: `organization.paused:${randomUUIDv7()}`,
      event: 'organization.paused',
      data: {},
    }),
})

export const pickUpOverdueJob = job({
  name: 'outgoing-webhooks.pick-up-overdue',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'overdue',
  run: async (ctx) => {
    const found = await pickUpOverdue(ctx)
    if (found > 0) ctx.log.warn({ found }, 'webhook messages had lost their jobs')
  },
})
