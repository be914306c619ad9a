import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound, unauthenticated } from '#api/core/errors.ts'
import { getUser } from '#api/domains/access/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { addMember } from '#api/domains/members/service.ts'
import { openWallet } from '#api/domains/wallet/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'

export { archiveOrganization, pauseOrganization, resumeOrganization } from './status.ts'
export { updateOrganization } from './update.ts'

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

export async function getOrganization(ctx: Context): Promise<queries.OrganizationSettings> {
  const organization = await read(ctx, (db) => queries.findSettings(db, tenantOf(ctx)))
  if (!organization) throw notFound('organization')
  return organization
}

/** The organization's name and status, which stays as it is until the transaction ends. */
export async function holdOrganization(
  tx: Tx,
): Promise<{ name: string; status: queries.OrganizationRow['status'] }> {
  const organization = await queries.holdStatus(tx.db, tenantOf(tx))
  if (!organization) throw notFound('organization')
  return organization
}
