import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type * as contract from '../contract.ts'
import { widestHours } from './hours.ts'
import * as queries from './queries.ts'

type Rules = Answer<typeof contract.getOutboundRules>

/** The organization's own rules; where it made none, the widest there are. */
export async function getOutboundRules(ctx: Context): Promise<Rules> {
  const { outboundDailyMinutes } = await currentSettings(ctx)
  const row = await read(ctx, (db) => queries.findRules(db, tenantOf(ctx)))
  return shown(row, outboundDailyMinutes)
}

/** Only within what the platform allows: the schema and the table refuse anything wider. */
export async function changeOutboundRules(
  ctx: Context,
  asked: Received<typeof contract.changeOutboundRules>['body'],
): Promise<Rules> {
  const { outboundDailyMinutes } = await currentSettings(ctx)
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const before = await queries.lockRules(tx.db, organizationId)
    const after = await queries.storeRules(tx.db, organizationId, {
      ...asked,
      weekdays: [...new Set(asked.weekdays)].toSorted(),
      updatedAt: tx.now(),
    })
    await recordAudit(tx, {
      action: 'calls.change-outbound-rules',
      subject: organizationId,
      ...(before && { before: plain(before) }),
      after: plain(after),
    })
    return shown(after, outboundDailyMinutes)
  })
}

const plain = ({ opensAtMinute, closesAtMinute, weekdays, dailyMinutes }: queries.RulesRow) => ({
  opensAtMinute,
  closesAtMinute,
  weekdays,
  dailyMinutes,
})

const shown = (row: queries.RulesRow | undefined, platformDailyMinutes: number): Rules => ({
  ...(row
    ? plain(row)
    : { ...widestHours, weekdays: [...widestHours.weekdays], dailyMinutes: null }),
  platformDailyMinutes,
})
