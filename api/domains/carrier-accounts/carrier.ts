import type { Context } from '#api/core/context.ts'
import { asPlatform, forOrganization, inTransaction, tenantOf } from '#api/core/context.ts'
import { notFound, VendorError } from '#api/core/errors.ts'
import { openSecret } from '#api/core/secrets/service.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import * as queries from './queries.ts'

export const tokenPlace = (rowId: string) => ({
  table: 'carrier_accounts',
  column: 'auth_token',
  rowId,
})

/** Twilio through an account of this organization; through the platform's where it is null. */
export async function carrierOf(
  ctx: Context,
  carrierAccountId: string | null,
): Promise<TwilioClient> {
  if (carrierAccountId === null) return ctx.vendors.twilio
  return await inTransaction(ctx, async (tx) => {
    const account = await queries.findAccount(tx.db, tenantOf(tx), carrierAccountId)
    if (!account?.authToken) throw notFound('carrier account')
    const authToken = await openSecret(tx, tokenPlace(account.id), account.authToken)
    return ctx.vendors.twilioOf({ accountSid: account.twilioAccountSid, authToken })
  })
}

/**
 * Twilio through whichever account this is, the platform's or a tenant's: for what vendors tell us and for calls,
 * which name their account. Null where nobody connected it.
 */
export async function findCarrierBySid(
  ctx: Context,
  twilioAccountSid: string,
): Promise<TwilioClient | null> {
  if (twilioAccountSid === ctx.vendors.twilio.accountSid) return ctx.vendors.twilio
  const account = await asPlatform(ctx, (tx) => queries.findBySid(tx.db, twilioAccountSid))
  return account ? carrierOf(forOrganization(ctx, account.organizationId), account.id) : null
}

/** Keeps on record that Twilio does not take an account's token any more; whoever caught it goes on with it. */
export async function noteRefusal(
  ctx: Context,
  carrierAccountId: string | null,
  carrier: TwilioClient,
  error: unknown,
): Promise<void> {
  if (carrierAccountId === null) return
  if (!(error instanceof VendorError && error.vendor === 'twilio' && error.status === 401)) return
  await inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const account = await queries.lockAccount(tx.db, organizationId, carrierAccountId)
    if (!account?.authToken) return
    const authToken = await openSecret(tx, tokenPlace(account.id), account.authToken)
    // A token that was replaced while Twilio was asked says nothing of the one that is used now.
    if (authToken !== carrier.credentials().authToken) return
    await queries.updateAccount(tx.db, organizationId, account.id, { state: 'refused' })
  })
}
