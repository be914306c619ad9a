import { randomBytes, randomUUIDv7 } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, tenantOf } from '#api/core/context.ts'
import { open, type SealingKey, seal, sealedWith } from '#api/core/sealing.ts'
import * as queries from './queries.ts'

/** Where a secret stands; moved anywhere else it does not open. */
export type SecretPlace = { table: string; column: string; rowId: string }

const KEY_BYTES = 32 // AES-256
const REWRAP_PAGE = 100 // keys a page of the rotation; it goes on until none is left

/** A secret as it may be stored: sealed with the organization's own data key, for this place alone. */
export async function sealSecret(tx: Tx, place: SecretPlace, secret: string): Promise<string> {
  const organizationId = tenantOf(tx)
  const newest = await queries.findNewest(tx.db, organizationId)
  const key = newest ? unwrap(tx, newest) : await makeDataKey(tx, organizationId)
  return seal(key, placeOf(organizationId, place), Buffer.from(secret))
}

/** The secret again. Throws where the value was moved, changed, or its key is gone. */
export async function openSecret(tx: Tx, place: SecretPlace, sealed: string): Promise<string> {
  const organizationId = tenantOf(tx)
  const row = await queries.findById(tx.db, organizationId, sealedWith(sealed))
  if (!row) throw new Error('the data key of a sealed value is gone')
  return open(unwrap(tx, row), placeOf(organizationId, place), sealed).toString()
}

/**
 * Wraps every data key with the key-encryption key in use; returns how many were. Safe to stop and to run
 * again: when it returns 0, older key-encryption keys may be taken out of the environment.
 */
export async function rewrapDataKeys(ctx: Context): Promise<number> {
  let rewrapped = 0
  for (;;) {
    const page = await asPlatform(ctx, (tx) =>
      queries.listWrappedOtherwise(tx.db, ctx.keyring.current.id, REWRAP_PAGE),
    )
    if (page.length === 0) return rewrapped
    for (const { organizationId, id } of page) {
      await inTransaction(forOrganization(ctx, organizationId), async (tx) => {
        const row = await queries.findById(tx.db, organizationId, id)
        if (!row) return
        const to = wrap(tx, organizationId, unwrap(tx, row))
        if (await queries.rewrap(tx.db, { organizationId, id, from: row.wrapped, to })) rewrapped++
      })
    }
  }
}

async function makeDataKey(tx: Tx, organizationId: string): Promise<SealingKey> {
  const made = { id: randomUUIDv7(), key: randomBytes(KEY_BYTES) }
  // Two at once make two keys; each value names its own.
  await queries.insert(tx.db, {
    organizationId,
    id: made.id,
    wrapped: wrap(tx, organizationId, made),
    createdAt: tx.now(),
  })
  return made
}

const wrap = (ctx: Context, organizationId: string, { id, key }: SealingKey): string =>
  seal(ctx.keyring.current, wrappingPlace(organizationId, id), key)

function unwrap(ctx: Context, row: queries.DataKeyRow): SealingKey {
  const keyId = sealedWith(row.wrapped)
  const wrapping = ctx.keyring.find(keyId)
  if (!wrapping) throw new Error(`ENCRYPTION_KEYS lacks the key ${keyId}, which is still in use`)
  return { id: row.id, key: open(wrapping, wrappingPlace(row.organizationId, row.id), row.wrapped) }
}

const wrappingPlace = (organizationId: string, id: string) => [
  organizationId,
  'data_keys',
  'wrapped',
  id,
]
const placeOf = (organizationId: string, { table, column, rowId }: SecretPlace) => [
  organizationId,
  table,
  column,
  rowId,
]
