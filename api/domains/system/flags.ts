import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import { type FeatureFlag, featureFlags } from '#api/contract/features.ts'
import type { Context } from '#api/core/context.ts'
import { actorIdOf, forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

type Flag = z.output<typeof contract.flag>

/** Which features the organization has. */
export async function listOwnFlags(ctx: Context): Promise<Answer<typeof contract.listOwnFlags>> {
  const rows = await read(ctx, (db) => queries.listFlags(db, tenantOf(ctx)))
  return { items: featureFlags.map((flag) => flagOf(flag, rows)) }
}

/** Whether the organization has the feature now: for what starts without a request. */
export const hasFeature = (ctx: Context, flag: FeatureFlag): Promise<boolean> =>
  read(ctx, async (db) => !(await queries.isSwitchedOff(db, tenantOf(ctx), flag)))

/** The same for the office, with who switched them and why. */
export async function listFlags(
  ctx: Context,
  organizationId: string,
): Promise<Answer<typeof contract.listFlags>> {
  const rows = await read(forOrganization(ctx, organizationId), async (db) => {
    if (!(await queries.isOrganization(db, organizationId))) throw notFound('organization')
    return queries.listFlags(db, organizationId)
  })
  return { items: featureFlags.map((flag) => flagOf(flag, rows)) }
}

/** Counts from the organization's next request or call on; what runs already goes on. */
export function setFlag(
  ctx: Context,
  organizationId: string,
  asked: Received<typeof contract.setFlag>['body'],
): Promise<Flag> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    if (!(await queries.isOrganization(tx.db, organizationId))) throw notFound('organization')
    const { flag, enabled, reason } = asked
    const rows = await queries.listFlags(tx.db, organizationId)
    // What nobody ever switched is on, so there is nothing to switch on.
    const isOnAnyway = enabled && !rows.some((row) => row.flag === flag)
    const changed =
      !isOnAnyway &&
      (await queries.switchFlag(tx.db, {
        organizationId,
        flag,
        enabled,
        reason,
        actorId: actorIdOf(tx.actor),
        changedAt: tx.now(),
      }))
    if (!changed) return flagOf(flag, await queries.listFlags(tx.db, organizationId))
    await recordAudit(tx, {
      action: 'system.set-flag',
      subject: flag,
      before: { enabled: !enabled },
      after: { enabled, reason },
    })
    return flagOf(flag, [changed])
  })
}

function flagOf(flag: Flag['flag'], rows: readonly queries.FlagRow[]): Flag {
  const row = rows.find((one) => one.flag === flag)
  return {
    flag,
    enabled: row?.enabled ?? true,
    reason: row?.reason ?? null,
    actorId: row?.actorId ?? null,
    changedAt: row?.changedAt ?? null,
  }
}
