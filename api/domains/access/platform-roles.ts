import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { PlatformRole } from '#api/contract/permissions.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import { forbidden, notFound, unauthenticated } from '#api/core/errors.ts'
import { recordPlatformAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

type PlatformAdmin = z.output<typeof contract.platformAdmin>

/** Gives a known person a role of the platform, for those who set a platform up; a role held already stays as it is. */
export const grantPlatformRole = (
  ctx: Context,
  userId: string,
  role: PlatformRole,
): Promise<void> =>
  asPlatform(ctx, async (tx) => {
    const held = (await queries.lockPlatformAdmins(tx.db)).find((one) => one.userId === userId)
    if (held?.role === role) return
    await queries.grantPlatformRole(tx.db, { userId, role, grantedByUserId: null })
  })

/** `superAdminEmails` are the allow-list, in lower case. */
export async function listPlatformAdmins(
  ctx: Context,
  superAdminEmails: readonly string[],
): Promise<{ items: PlatformAdmin[] }> {
  const rows = await asPlatform(ctx, (tx) => queries.listPlatformAdmins(tx.db, superAdminEmails))
  return { items: rows.map((row) => described(row, superAdminEmails)) }
}

/** Gives a role to whoever has proved the address; another role than the one held replaces it. */
export function grantPlatformRoleByAddress(
  ctx: Context,
  asked: Received<typeof contract.grantPlatformRole>['body'],
  superAdminEmails: readonly string[],
): Promise<PlatformAdmin> {
  const { role, reason } = asked
  const email = asked.email.toLowerCase()
  return asPlatform(ctx, async (tx) => {
    const grantedByUserId = await lockAsSuperAdmin(tx, superAdminEmails)
    const person = await queries.findByVerifiedEmail(tx.db, email)
    if (!person) throw errors.unknownAddress()
    if (person.userId === grantedByUserId) throw errors.ownRole()
    if (superAdminEmails.includes(email)) throw errors.onAllowList()
    if (person.role === role) return described(person, superAdminEmails)

    const { userId } = person
    await queries.grantPlatformRole(tx.db, { userId, role, grantedByUserId })
    await recordPlatformAudit(tx, {
      action: 'access.grant-platform-role',
      subject: userId,
      before: { role: person.role },
      after: { role, reason },
    })
    const granted = await queries.findByVerifiedEmail(tx.db, email)
    if (!granted) throw errors.unknownAddress()
    return described(granted, superAdminEmails)
  })
}

/** Takes a granted role away; it counts with the person's next request. */
export function revokePlatformRole(
  ctx: Context,
  userId: string,
  superAdminEmails: readonly string[],
): Promise<void> {
  return asPlatform(ctx, async (tx) => {
    const own = await lockAsSuperAdmin(tx, superAdminEmails)
    const admins = await queries.listPlatformAdmins(tx.db, superAdminEmails)
    const admin = admins.find((one) => one.userId === userId)
    if (!admin) throw notFound('user')
    if (userId === own) throw errors.ownRole()
    if (isListed(admin.email, superAdminEmails)) throw errors.onAllowList()

    const role = await queries.deletePlatformRole(tx.db, userId)
    if (!role) throw notFound('user')
    await recordPlatformAudit(tx, {
      action: 'access.revoke-platform-role',
      subject: userId,
      before: { role },
    })
  })
}

/**
 * The acting super admin's id, asked for again under the lock of all grants: of two who take each other's role at
 * once, the second is none any more, so somebody always remains.
 */
async function lockAsSuperAdmin(tx: Tx, superAdminEmails: readonly string[]): Promise<string> {
  const { actor } = tx
  if (actor.kind !== 'user') throw unauthenticated()
  const granted = await queries.lockPlatformAdmins(tx.db)
  const isGranted = granted.some((one) => one.userId === actor.userId && one.role === 'super_admin')
  if (!isGranted && !isListed(actor.email, superAdminEmails))
    throw forbidden('platform.roles.assign')
  return actor.userId
}

// Whether the address is verified was judged where the row or the actor was made.
const isListed = (email: string, superAdminEmails: readonly string[]): boolean =>
  superAdminEmails.includes(email.toLowerCase())

function described(
  row: queries.PlatformAdminRow,
  superAdminEmails: readonly string[],
): PlatformAdmin {
  const { userId, name, email, role, grantedByUserId, grantedAt } = row
  if (isListed(email, superAdminEmails) || !role)
    return {
      userId,
      name,
      email,
      role: 'super_admin',
      origin: 'allow-list',
      grantedByUserId: null,
      grantedAt: null,
    }
  return { userId, name, email, role, origin: 'grant', grantedByUserId, grantedAt }
}
