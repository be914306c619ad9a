import type { z } from 'zod'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { getPriceOf } from '#api/domains/wallet/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

type Summary = z.output<typeof contract.organizationSummary>

/** One organization as the platform's office sees it. */
export async function officeSummary(ctx: Context, organizationId: string): Promise<Summary> {
  const summary = await inTransaction(ctx, (tx) =>
    queries.findOfficeSummary(tx.db, organizationId, tx.now()),
  )
  if (!summary) throw notFound('organization')
  return counted(summary)
}

/** All organizations, newest first; `search` is part of a name, or an id. */
export async function listOrganizations(
  ctx: Context,
  query: Received<typeof contract.listOrganizations>['query'],
): Promise<Answer<typeof contract.listOrganizations>> {
  const { status, search } = query
  const page = { limit: query.limit + 1, before: readCursor(query.cursor), status, search }
  const rows = await asPlatform(ctx, (tx) => queries.listOfficeSummaries(tx.db, page, tx.now()))
  return pageOfRows(rows.map(counted), query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
}

const MAX_ADMINS = 50 // people to write to; an organization with more lists them on its own page

export function getOrganizationDetail(
  ctx: Context,
  organizationId: string,
): Promise<Answer<typeof contract.getOrganizationDetail>> {
  return asPlatform(ctx, async (tx) => {
    const summary = await officeSummary(tx, organizationId)
    const detail = await queries.findOfficeDetail(tx.db, organizationId)
    if (!detail) throw notFound('organization')
    const price = await getPriceOf(tx, organizationId, tx.now())
    return {
      ...summary,
      ...detail,
      pricePerHourCents: price.pricePerHourCents,
      ownPricePerHourCents: price.isOwn ? price.pricePerHourCents : null,
      admins: await queries.listOfficeAdmins(tx.db, organizationId, MAX_ADMINS),
    }
  })
}

/** How many calls the organization may run at once; calls that run already stay. */
export function changeLimits(
  ctx: Context,
  organizationId: string,
  asked: Received<typeof contract.changeLimits>['body'],
): Promise<Summary> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const present = await queries.lockSettings(tx.db, organizationId)
    if (!present) throw notFound('organization')
    const { maxConcurrentCalls, reason } = asked
    if (present.maxConcurrentCalls !== maxConcurrentCalls) {
      await queries.updateSettings(tx.db, organizationId, { maxConcurrentCalls })
      await recordAudit(tx, {
        action: 'organizations.change-limits',
        subject: organizationId,
        before: { maxConcurrentCalls: present.maxConcurrentCalls },
        after: { maxConcurrentCalls, reason },
      })
    }
    return officeSummary(tx, organizationId)
  })
}

/** The sums come from an outer join, whose every row has them. */
const counted = (
  row: NonNullable<Awaited<ReturnType<typeof queries.findOfficeSummary>>>,
): Summary => ({
  ...row,
  calls30d: row.calls30d ?? 0,
  billableSeconds30d: row.billableSeconds30d ?? 0,
  chargedCents30d: row.chargedCents30d ?? 0,
})
