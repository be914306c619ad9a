import { randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { FeatureFlag } from '#api/contract/features.ts'
import { type Permission, permissions } from '#api/contract/permissions.ts'
import {
  type Actor,
  asPlatform,
  type Context,
  forOrganization,
  inTransaction,
  read,
  tenantOf,
  userIdOf,
} from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { invalidRequest, notFound } from '#api/core/errors.ts'
import { attempt } from '#api/core/guard.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'
import { isSecret, makeSecret, PREFIX, readToken } from './secret.ts'

type Shown = Answer<typeof contract.revokeApiKey>

/** Makes a key; only this answer holds its secret. */
export function createApiKey(
  ctx: Context,
  asked: Received<typeof contract.createApiKey>['body'],
): Promise<Answer<typeof contract.createApiKey>> {
  const { name, expiresAt } = asked
  const createdAt = ctx.now()
  if (expiresAt && expiresAt <= createdAt)
    throw invalidRequest('Some fields are not valid.', [
      { path: 'body.expiresAt', message: 'must be in the future' },
    ])
  const held = [...new Set(asked.permissions)].toSorted()
  return inTransaction(ctx, async (tx) => {
    const id = randomUUIDv7()
    const { token, hash, lastFour } = makeSecret(id)
    const row = await queries.insertKey(tx.db, {
      organizationId: tenantOf(tx),
      id,
      name,
      secretHash: hash,
      lastFour,
      permissions: held,
      createdByUserId: userIdOf(tx),
      createdAt,
      expiresAt,
    })
    await recordAudit(tx, {
      action: 'api-keys.create',
      subject: id,
      after: { permissions: held, expiresAt: expiresAt?.toISOString() ?? null },
    })
    return { ...shown(row), secret: token }
  })
}

export async function listApiKeys(
  ctx: Context,
  query: Received<typeof contract.listApiKeys>['query'],
): Promise<Answer<typeof contract.listApiKeys>> {
  const before = readCursor(query.cursor)
  const rows = await read(ctx, (db) =>
    queries.listKeys(db, tenantOf(ctx), { limit: query.limit + 1, before }),
  )
  const page = pageOfRows(rows, query.limit, ({ createdAt, id }) => ({ at: createdAt, id }))
  return { ...page, items: page.items.map(shown) }
}

/** Ends a key for good; one that is over already stays as it is. */
export function revokeApiKey(ctx: Context, keyId: string): Promise<Shown> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const revoked = await queries.revoke(tx.db, organizationId, keyId, tx.now())
    if (revoked) {
      await recordAudit(tx, { action: 'api-keys.revoke', subject: keyId })
      return shown(revoked)
    }
    const known = await queries.findKey(tx.db, organizationId, keyId)
    if (!known) throw notFound('api key')
    return shown(known)
  })
}

export const isApiKey = (token: string): boolean => token.startsWith(PREFIX)

/** The program behind a key; null where the key is wrong, revoked or expired. */
export async function identifyKey(
  ctx: Context,
  token: string,
): Promise<{
  actor: Extract<Actor, { kind: 'key' }>
  organizationStatus: 'active' | 'paused' | 'archived'
  featuresOff: FeatureFlag[]
} | null> {
  const given = readToken(token)
  if (!given) return null
  const key = await asPlatform(ctx, (tx) => queries.findForRequest(tx.db, given.keyId))
  if (!isSecret(given.secret, key?.secretHash) || !key?.isUsable) return null
  const { keyId, organizationId, organizationStatus, featuresOff } = key
  if (!key.isUseNoted)
    // Nobody is refused because this could not be written.
    await attempt(ctx.log, 'note-key-use', () =>
      inTransaction(forOrganization(ctx, organizationId), (tx) =>
        queries.noteUse(tx.db, organizationId, keyId),
      ),
    )
  return {
    actor: { kind: 'key', keyId, organizationId, permissions: known(key.permissions) },
    organizationStatus,
    featuresOff,
  }
}

/** A permission that is gone from the product is gone from its keys. */
const known = (stored: readonly string[]): Permission[] =>
  permissions.filter((permission) => stored.includes(permission))

const shown = (row: queries.ApiKeyRow): Shown => ({ ...row, permissions: known(row.permissions) })
