import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound, VendorError } from '#api/core/errors.ts'
import { sealSecret } from '#api/core/secrets/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { tokenPlace } from './carrier.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'

export { carrierOf, findCarrierBySid, noteRefusal } from './carrier.ts'

export type CarrierAccount = z.output<typeof contract.carrierAccount>

const MAX_ACCOUNTS = 20
const UNAUTHORIZED = [401, 403, 404] // 404: a token that is good, of another account

export async function listCarrierAccounts(
  ctx: Context,
  { cursor, limit }: Received<typeof contract.listCarrierAccounts>['query'],
): Promise<{ items: CarrierAccount[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const rows = await read(ctx, (db) =>
    queries.listAccounts(db, tenantOf(ctx), { before, limit: limit + 1 }),
  )
  const page = pageOfRows(rows, limit, ({ account }) => ({ at: account.createdAt, id: account.id }))
  return { ...page, items: page.items.map(show) }
}

/** Connects a Twilio account. Whoever holds its token proves it first, so nobody else can claim it. */
export async function connectCarrierAccount(
  ctx: Context,
  { twilioAccountSid, authToken, label }: Received<typeof contract.connectCarrierAccount>['body'],
): Promise<CarrierAccount> {
  // The platform's account serves everybody and is no tenant's, whoever knows its token.
  if (twilioAccountSid === ctx.vendors.twilio.accountSid) throw errors.accountTaken()
  await proveToken(ctx, { accountSid: twilioAccountSid, authToken })
  return await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    if ((await queries.countForAddition(tx.db, organizationId)) >= MAX_ACCOUNTS)
      throw errors.tooManyAccounts(MAX_ACCOUNTS)
    const id = randomUUIDv7()
    const account = await queries.insertAccount(tx.db, {
      organizationId,
      id,
      twilioAccountSid,
      label,
      ...(await sealedToken(tx, id, authToken)),
      createdAt: tx.now(),
    })
    if (!account) throw errors.accountTaken()
    await recordAudit(tx, { action: 'carrier-accounts.connect', subject: id })
    return show({ account, phoneNumbers: 0 })
  })
}

export function renameCarrierAccount(
  ctx: Context,
  id: string,
  label: string,
): Promise<CarrierAccount> {
  return inTransaction(ctx, async (tx) => {
    await queries.updateAccount(tx.db, tenantOf(tx), id, { label })
    return await getAccount(tx, id)
  })
}

/** From the next request on the new token speaks and is what signatures are checked with. */
export async function rotateCarrierToken(
  ctx: Context,
  id: string,
  authToken: string,
): Promise<CarrierAccount> {
  const known = await read(ctx, (db) => queries.findAccount(db, tenantOf(ctx), id))
  if (!known) throw notFound('carrier account')
  await proveToken(ctx, { accountSid: known.twilioAccountSid, authToken })
  return await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    if (!(await queries.lockAccount(tx.db, organizationId, id))) throw notFound('carrier account')
    const sealed = await sealedToken(tx, id, authToken)
    await queries.updateAccount(tx.db, organizationId, id, { ...sealed, state: 'verified' })
    await recordAudit(tx, { action: 'carrier-accounts.rotate-token', subject: id })
    return await getAccount(tx, id)
  })
}

/** Forgets the token. Numbers in service and calls that run need it, so they end first. */
export function disconnectCarrierAccount(ctx: Context, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const account = await queries.lockAccount(tx.db, organizationId, id)
    if (!account) throw notFound('carrier account')
    // A number that is being claimed holds the account's row, so none slips in behind this count.
    const listed = await queries.findListed(tx.db, organizationId, id)
    if (listed && listed.phoneNumbers > 0) throw errors.accountInUse()
    if (await queries.hasRunningCalls(tx.db, account)) throw errors.callsRun()
    const gone = { authToken: null, disconnectedAt: tx.now() }
    await queries.updateAccount(tx.db, organizationId, id, gone)
    await recordAudit(tx, { action: 'carrier-accounts.disconnect', subject: id })
  })
}

/** For whoever claims a number at this account: it stays connected until their transaction ends. */
export async function holdCarrierAccount(tx: Tx, id: string): Promise<void> {
  if (!(await queries.holdAccount(tx.db, tenantOf(tx), id))) throw notFound('carrier account')
}

async function proveToken(
  ctx: Context,
  account: { accountSid: string; authToken: string },
): Promise<void> {
  try {
    const { isActive } = await ctx.vendors.twilioOf(account).fetchAccount()
    if (!isActive) throw errors.accountNotActive()
  } catch (error) {
    const isRefused =
      error instanceof VendorError &&
      error.status !== undefined &&
      UNAUTHORIZED.includes(error.status)
    throw isRefused ? errors.accountRefused() : error
  }
}

const sealedToken = async (tx: Tx, id: string, authToken: string) => ({
  authToken: await sealSecret(tx, tokenPlace(id), authToken),
  authTokenLastFour: authToken.slice(-4),
  verifiedAt: tx.now(),
})

async function getAccount(tx: Tx, id: string): Promise<CarrierAccount> {
  const listed = await queries.findListed(tx.db, tenantOf(tx), id)
  if (!listed) throw notFound('carrier account')
  return show(listed)
}

const show = ({ account, phoneNumbers }: queries.ListedAccount): CarrierAccount => ({
  id: account.id,
  label: account.label,
  twilioAccountSid: account.twilioAccountSid,
  authTokenLastFour: account.authTokenLastFour,
  state: account.state,
  verifiedAt: account.verifiedAt,
  phoneNumbers,
  createdAt: account.createdAt,
})
