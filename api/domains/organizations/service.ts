import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound, unauthenticated } from '#api/core/errors.ts'
import { getUser } from '#api/domains/access/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { addMember } from '#api/domains/members/service.ts'
import { openWallet } from '#api/domains/wallet/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { organizationPaused } from './events.ts'
import * as queries from './queries.ts'

/** Founds an organization with its admin and an empty wallet: all of it, or nothing. */
export async function createOrganization(
  ctx: Context,
  founded: { name: string; timeZone: string; adminUserId: string },
): Promise<queries.OrganizationRow> {
  const { name, timeZone, adminUserId } = founded
  // Read before the tenant's transaction: people are known to the platform's role only.
  const admin = await getUser(ctx, adminUserId)
  const id = randomUUIDv7()
  return inTransaction(forOrganization(ctx, id), async (tx) => {
    const organization = await queries.insertOrganization(tx.db, { id, name, timeZone })
    await recordAudit(tx, { action: 'organizations.create', subject: id })
    await addMember(tx, { ...admin, role: 'admin' })
    await openWallet(tx, id)
    return organization
  })
}

/** The same for the person who asks. */
export function createOwnOrganization(
  ctx: Context,
  asked: Received<typeof contract.createOrganization>['body'],
): Promise<queries.OrganizationRow> {
  if (ctx.actor.kind !== 'user') throw unauthenticated()
  return createOrganization(ctx, { ...asked, adminUserId: ctx.actor.userId })
}

export async function getOrganization(ctx: Context): Promise<queries.OrganizationRow> {
  const organization = await read(ctx, (db) => queries.findOrganization(db, tenantOf(ctx)))
  if (!organization) throw notFound('organization')
  return organization
}

export async function listOrganizations(
  ctx: Context,
  query: Received<typeof contract.listOrganizations>['query'],
) {
  const before = readCursor(query.cursor)
  const rows = await asPlatform(ctx, (tx) =>
    queries.listOrganizations(tx.db, { limit: query.limit + 1, before, status: query.status }),
  )
  return pageOfRows(rows, query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
}

export const pauseOrganization = (ctx: Context, organizationId: string, reason: string) =>
  moveStatus(ctx, organizationId, { from: 'active', to: 'paused', reason })

export const resumeOrganization = (ctx: Context, organizationId: string) =>
  moveStatus(ctx, organizationId, { from: 'paused', to: 'active' })

function moveStatus(
  ctx: Context,
  organizationId: string,
  move: { from: 'active' | 'paused'; to: 'active' | 'paused'; reason?: string },
): Promise<queries.OrganizationRow> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const moved = await queries.moveStatus(tx.db, organizationId, { ...move, at: tx.now() })
    if (!moved) {
      const present = await queries.findOrganization(tx.db, organizationId)
      throw present ? errors.statusConflict(present.status) : notFound('organization')
    }
    await recordAudit(tx, {
      action: move.to === 'paused' ? 'organizations.pause' : 'organizations.resume',
      subject: organizationId,
      before: { status: move.from },
      after: { status: move.to, ...(move.reason && { reason: move.reason }) },
    })
    if (move.to === 'paused') await tx.emit(organizationPaused, { organizationId })
    return moved
  })
}
