import { randomUUIDv7 } from 'node:crypto'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { markHandled, rememberDelivery } from '#api/core/inbox/service.ts'
import { job } from '#api/core/jobs.ts'
import type { StripeEvent } from '#api/core/vendors.ts'
import { listAdmins } from '#api/domains/members/service.ts'
import { alertKinds, mailAlert, otherAddresses } from './alerts.ts'
import { paymentTroubled, rechargeDue, walletLow } from './events.ts'
import { follow, followed, followedBy } from './top-ups/follow.ts'
import { recharge } from './top-ups/recharge.ts'
import {
  followTopUp,
  listMissedEvents,
  listRechargesDue,
  listUndecided,
} from './top-ups/reconcile.ts'

export const followStripeJob = job({
  name: 'wallet.follow-stripe',
  data: followed,
  retry: { limit: 5, delaySeconds: 5 },
  key: ({ kind, id }) => `${kind}:${id}`,
  run: async (ctx, about) => {
    const outcome = await follow(ctx, about)
    ctx.log.info({ ...about, outcome }, 'news of Stripe were followed')
  },
})

/** Keeps an event's arrival and starts the job that follows it, both or neither. */
export function handOn(ctx: Context, { id, type, objectId }: StripeEvent): Promise<string> {
  const about = followedBy(type, objectId)
  if (!about) return Promise.resolve('ignored')
  return asPlatform(ctx, async (tx) => {
    if ((await rememberDelivery(tx, 'stripe', id, type, about)) === 'again') return 'again'
    await tx.enqueue(followStripeJob, about)
    await markHandled(tx, 'stripe', id, 'handed on')
    return 'handed on'
  })
}

export const followTopUpJob = job({
  name: 'wallet.follow-top-up',
  data: z.object({ organizationId: z.uuid(), topUpId: z.uuid() }),
  retry: { limit: 1, delaySeconds: 0 }, // asked again in ten minutes
  key: ({ topUpId }) => topUpId,
  run: async (ctx, place) => {
    await followTopUp(ctx, place)
  },
})

export const rechargeJob = job({
  name: 'wallet.recharge',
  data: rechargeDue.data,
  retry: { limit: 5, delaySeconds: 20 },
  key: ({ organizationId }) => organizationId,
  run: async (ctx, { organizationId }) => {
    await recharge(ctx, organizationId)
  },
})

/** The polling twin of Stripe's webhooks (THREATS F19). */
export const reconcileTopUpsJob = job({
  name: 'wallet.reconcile-top-ups',
  data: z.object({}),
  retry: { limit: 1, delaySeconds: 0 },
  key: () => 'poll',
  run: async (ctx) => {
    if (!ctx.vendors.stripe) return
    const undecided = await listUndecided(ctx)
    const due = await listRechargesDue(ctx)
    await asPlatform(ctx, async (tx) => {
      for (const place of undecided) await tx.enqueue(followTopUpJob, place)
      for (const organization of due) await tx.enqueue(rechargeJob, organization)
    })
    for (const event of await listMissedEvents(ctx)) await handOn(ctx, event)
  },
})

// Made when the event is sent, so that however often a job runs, the alert is one.
const alertId = z.uuid().default(() => randomUUIDv7())

/** One mail to one admin, or to one of the organization's addresses, which the queue knows by its digest alone. */
export const mailAlertJob = job({
  name: 'wallet.mail-alert',
  data: z.object({
    organizationId: z.uuid(),
    userId: z.uuid().optional(),
    addressDigest: z.string().optional(),
    alertId: z.uuid(),
    kind: z.enum(alertKinds),
    since: z.number(),
  }),
  // For what goes wrong on our side; how long the mail server may be away is not counted in tries.
  retry: { limit: 5, delaySeconds: 10 },
  key: ({ alertId: id, userId, addressDigest }) => `${id}:${userId ?? addressDigest}`,
  run: async (ctx, alert) => {
    const { retryInSeconds } = await mailAlert(ctx, alert)
    if (retryInSeconds === null) return
    await inTransaction(forOrganization(ctx, alert.organizationId), (tx) =>
      tx.enqueue(mailAlertJob, alert, { startAfterSeconds: retryInSeconds }),
    )
  },
})

export const tellAdminsOfLowJob = job({
  name: 'wallet.tell-admins-of-low',
  data: walletLow.data.extend({ alertId }),
  retry: { limit: 5, delaySeconds: 10 },
  key: (low) => low.alertId,
  run: (ctx, low) =>
    tellAdmins(ctx, { ...low, kind: low.usedPercent >= 95 ? 'used_95' : 'used_80' }),
})

export const tellAdminsOfTroubleJob = job({
  name: 'wallet.tell-admins-of-trouble',
  data: paymentTroubled.data.extend({ alertId }),
  retry: { limit: 5, delaySeconds: 10 },
  key: (told) => told.alertId,
  run: (ctx, told) => tellAdmins(ctx, { ...told, kind: told.trouble }),
})

function tellAdmins(
  ctx: Context,
  alert: { organizationId: string; alertId: string; kind: (typeof alertKinds)[number] },
): Promise<void> {
  const { organizationId, alertId: id, kind } = alert
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const mail = { organizationId, alertId: id, kind, since: tx.now().getTime() }
    for (const { userId } of await listAdmins(tx))
      await tx.enqueue(mailAlertJob, { ...mail, userId })
    for (const { addressDigest } of await otherAddresses(tx))
      await tx.enqueue(mailAlertJob, { ...mail, addressDigest })
  })
}
