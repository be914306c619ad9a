import type { z } from 'zod'
import { can } from '#api/contract/permissions.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, read, tenantOf } from '#api/core/context.ts'
import { invalidRequest } from '#api/core/errors.ts'
import { countRunningCalls } from '#api/domains/calls/service.ts'
import { currentSettings } from '#api/domains/system/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'
import type { DayRange } from './whole-months.ts'

const MAX_DAYS = 366
const DAY_MS = 24 * 3_600_000
const TOP = 10
const MICRO_USD_PER_CENT = 10_000

export async function getUsage(
  ctx: Context,
  range: DayRange,
): Promise<z.output<typeof contract.usageReport>> {
  refuseBadRange(range)
  const rows = await read(ctx, (db) => queries.listDays(db, tenantOf(ctx), range))
  const money = seesMoney(ctx)
  const sumOf = (key: 'calls' | 'billableSeconds' | 'chargedCents') =>
    rows.reduce((sum, row) => sum + row[key], 0)
  return {
    days: rows.map(({ day, kind, calls, billableSeconds, chargedCents }) => ({
      day,
      kind,
      calls,
      billableSeconds,
      chargedCents: money ? chargedCents : null,
    })),
    total: {
      calls: sumOf('calls'),
      billableSeconds: sumOf('billableSeconds'),
      chargedCents: money ? sumOf('chargedCents') : null,
    },
    computedAt: oldest(rows.map((row) => row.computedAt)),
  }
}

/** Everything but the running calls comes from the sums of days: no call is read. */
export async function getPlatformMetrics(
  ctx: Context,
  range: DayRange,
): Promise<z.output<typeof contract.platformMetrics>> {
  refuseBadRange(range)
  const settings = await currentSettings(ctx)
  const found = await asPlatform(ctx, async (tx) => ({
    organizations: await queries.countOrganizations(tx.db),
    callsRunning: await countRunningCalls(tx),
    days: await queries.sumDays(tx.db, range),
    top: await queries.topOrganizations(tx.db, range, TOP),
    mixed: await queries.chargesInOtherCurrency(tx.db),
  }))
  const countOf = (status: 'active' | 'paused' | 'archived') =>
    found.organizations.find((row) => row.status === status)?.count ?? 0
  const sumOf = (key: keyof (typeof found.days)[number] & SumKey) =>
    found.days.reduce((sum, row) => sum + row[key], 0)
  const known = sumOf('calls') - sumOf('callsWithoutVendorCost')
  const marginCents =
    sumOf('chargedCentsOfKnownCost') - Math.round(sumOf('vendorCostMicroUsd') / MICRO_USD_PER_CENT)
  return {
    organizations: {
      active: countOf('active'),
      paused: countOf('paused'),
      archived: countOf('archived'),
    },
    organizationsWithCalls: found.top[0]?.organizations ?? 0,
    callsRunning: found.callsRunning,
    callsRunningLimit: settings.platformMaxConcurrentCalls,
    calls: sumOf('calls'),
    billableSeconds: sumOf('billableSeconds'),
    chargedCents: sumOf('chargedCents'),
    vendorCostMicroUsd: sumOf('vendorCostMicroUsd'),
    callsWithoutVendorCost: sumOf('callsWithoutVendorCost'),
    // Cents of another currency cannot be set against dollars.
    marginCents: known > 0 && !found.mixed ? marginCents : null,
    days: found.days.map(({ chargedCentsOfKnownCost: _, computedAt: __, ...day }) => day),
    top: found.top.map(({ organizations: _, ...organization }) => organization),
    computedAt: oldest(found.days.flatMap(({ computedAt }) => computedAt ?? [])),
  }
}

type SumKey =
  | 'calls'
  | 'billableSeconds'
  | 'chargedCents'
  | 'vendorCostMicroUsd'
  | 'callsWithoutVendorCost'
  | 'chargedCentsOfKnownCost'

function seesMoney({ actor }: Context): boolean {
  if (actor.kind === 'key') return actor.permissions.includes('wallet.read')
  const role = actor.kind === 'user' ? actor.membership?.role : undefined
  return role !== undefined && can(role, 'wallet.read')
}

const oldest = (moments: readonly Date[]): Date | null =>
  moments.length > 0 ? new Date(Math.min(...moments.map((at) => at.getTime()))) : null

function refuseBadRange({ from, to }: DayRange): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
  if (days >= 1 && days <= MAX_DAYS) return
  throw invalidRequest('The days asked for cannot be answered.', [
    { path: 'query.to', message: `Must not be before from, nor span more than ${MAX_DAYS} days.` },
  ])
}
