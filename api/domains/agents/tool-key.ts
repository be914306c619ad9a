import { randomBytes, randomUUID } from 'node:crypto'
import type { Answer } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { openSecret, type SecretPlace, sealSecret } from '#api/core/secrets/service.ts'
import type * as contract from './contract.ts'
import * as toolRows from './tool-queries.ts'

export type ToolKey = { id: string; secret: string }

export const TOOL_KEY_HEADER = 'x-voxcalls-tool-key'
const SECRET_BYTES = 32 // as long as the key of any signature it stands in for

/** What the organization's webhook tools carry: made when the first one is taken to ElevenLabs. */
export function getOrMakeToolKey(ctx: Context): Promise<ToolKey> {
  return inTransaction(ctx, async (tx) => {
    const known = await toolRows.findToolKey(tx.db, tenantOf(tx))
    if (known) return open(tx, known)
    const made = await makeToolKey(tx)
    await toolRows.insertToolKey(tx.db, made.row)
    // Of two at once the first one counts.
    const kept = await toolRows.findToolKey(tx.db, tenantOf(tx))
    return kept ? open(tx, kept) : made
  })
}

export function findToolKey(ctx: Context): Promise<ToolKey | null> {
  return inTransaction(ctx, async (tx) => {
    const known = await toolRows.findToolKey(tx.db, tenantOf(tx))
    return known ? open(tx, known) : null
  })
}

export async function describeToolKey(ctx: Context): Promise<Answer<typeof contract.getToolKey>> {
  const known = await read(ctx, (db) => toolRows.findToolKey(db, tenantOf(ctx)))
  return {
    header: TOOL_KEY_HEADER,
    lastFour: known?.secretLastFour ?? null,
    createdAt: known?.createdAt ?? null,
  }
}

/** A new key with its row, not stored yet. */
export async function makeToolKey(tx: Tx) {
  const id = randomUUID()
  const secret = `voxtool_${randomBytes(SECRET_BYTES).toString('base64url')}`
  const row: toolRows.ToolKeyRow = {
    organizationId: tenantOf(tx),
    id,
    secret: await sealSecret(tx, placeOf(id), secret),
    secretLastFour: secret.slice(-4),
    createdAt: tx.now(),
  }
  return { id, secret, row }
}

const open = async (tx: Tx, { id, secret }: toolRows.ToolKeyRow): Promise<ToolKey> => ({
  id,
  secret: await openSecret(tx, placeOf(id), secret),
})

const placeOf = (rowId: string): SecretPlace => ({
  table: 'agent_tool_keys',
  column: 'secret',
  rowId,
})
