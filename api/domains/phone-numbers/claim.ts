import { randomUUIDv7 } from 'node:crypto'
import type { Answer, Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { countryOfNumber } from '#api/core/number-plan.ts'
import type { TwilioClient } from '#api/core/vendors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { carrierOf, holdCarrierAccount } from '#api/domains/carrier-accounts/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { convergeNumberJob } from './jobs.ts'
import * as queries from './queries.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'
import { previousOf, webhooksAt } from './vendor-work.ts'

const MAX_NUMBERS = 500 // an organization's; each is a line at two vendors that is compared daily
const LISTED_AT_ONCE = 50 // a search for one number finds those that contain it

export async function searchAvailableNumbers(
  ctx: Context,
  { carrierAccountId, ...filters }: Received<typeof contract.searchAvailableNumbers>['query'],
): Promise<Answer<typeof contract.searchAvailableNumbers>> {
  const carrier = await carrierOf(ctx, carrierAccountId ?? null)
  const [items, monthlyPrice] = await Promise.all([
    carrier.searchNumbers(filters),
    carrier.findNumberPrice(filters.country),
  ])
  return { items, monthlyPrice, paidBy: carrierAccountId ? 'carrier_account' : 'platform' }
}

export async function listHeldNumbers(
  ctx: Context,
  carrierAccountId: string,
): Promise<Answer<typeof contract.listHeldNumbers>> {
  const carrier = await carrierOf(ctx, carrierAccountId)
  const held = await carrier.listNumbers()
  const ours = new Set(
    await read(ctx, (db) => queries.listE164OfAccount(db, tenantOf(ctx), carrierAccountId)),
  )
  const items = held
    .filter(({ e164, capabilities }) => capabilities.voice && !ours.has(e164))
    .map(({ e164, friendlyName, capabilities, voiceUrl }) => ({
      e164,
      friendlyName,
      capabilities,
      voiceUrl,
    }))
  return { items }
}

/** Claims a number that an own account really holds; a job sets it up. */
export async function importPhoneNumber(
  ctx: Context,
  wanted: Received<typeof contract.importPhoneNumber>['body'],
): Promise<PhoneNumber> {
  const carrier = await requireOwn(ctx, wanted)
  const held = await carrier.findNumber(wanted.e164)
  if (!held) throw errors.notHeld()
  if (!held.capabilities.voice) throw errors.noVoice()
  return await claim(ctx, carrier, wanted, 'phone-numbers.import', {
    origin: 'held',
    twilioNumberSid: held.sid,
    capabilities: held.capabilities,
    previousWebhooks: previousOf(ctx, held),
    voiceUrl: held.voiceUrl,
  })
}

/** Claims a number that Twilio sells now; a job buys it, once, and sets it up. */
export async function buyPhoneNumber(
  ctx: Context,
  { confirmE164, ...wanted }: Received<typeof contract.buyPhoneNumber>['body'],
): Promise<PhoneNumber> {
  const carrier = await requireOwn(ctx, wanted)
  if (confirmE164 !== wanted.e164) throw errors.notConfirmed()
  const country = countryOfNumber(wanted.e164)
  if (!country) throw errors.notAvailable()
  const offered = await carrier.searchNumbers({
    country,
    contains: wanted.e164.slice(1),
    limit: LISTED_AT_ONCE,
  })
  const sold = offered.find(({ e164 }) => e164 === wanted.e164)
  if (!sold) throw errors.notAvailable()
  return await claim(ctx, carrier, wanted, 'phone-numbers.buy', {
    origin: 'bought',
    capabilities: sold.capabilities,
  })
}

type Wanted = {
  e164: string
  label: string
  agentId: string | null
  route: queries.NumberRow['route']
  carrierAccountId: string | null
}

/** What is named is this organization's own, before any vendor is asked about it. */
async function requireOwn(ctx: Context, wanted: Wanted): Promise<TwilioClient> {
  const { agentId, route, carrierAccountId } = wanted
  const carrier = await carrierOf(ctx, carrierAccountId)
  await inTransaction(ctx, (tx) => requireAgent(tx, agentId, route))
  return carrier
}

function claim(
  ctx: Context,
  carrier: TwilioClient,
  wanted: Wanted,
  action: string,
  found: Pick<queries.NewNumber, 'origin' | 'capabilities'> & queries.NumberChange,
): Promise<PhoneNumber> {
  return inTransaction(ctx, async (tx) => {
    const { e164, label, agentId, route, carrierAccountId } = wanted
    const organizationId = tenantOf(tx)
    if (carrierAccountId) await holdCarrierAccount(tx, carrierAccountId)
    await requireAgent(tx, agentId, route)
    if ((await queries.countForClaim(tx.db, organizationId)) >= MAX_NUMBERS)
      throw errors.tooManyNumbers(MAX_NUMBERS)
    const number = await queries.insertNumber(tx.db, {
      ...found,
      organizationId,
      id: randomUUIDv7(),
      e164,
      label,
      agentId,
      route,
      carrierAccountId,
      twilioAccountSid: carrier.accountSid,
      state: 'importing',
      appliedRevision: 0,
      createdAt: tx.now(),
    })
    if (!number) throw errors.numberTaken()
    const after = { agentId, route, carrierAccountId }
    await recordAudit(tx, { action, subject: number.id, after })
    await tx.enqueue(convergeNumberJob, { organizationId, phoneNumberId: number.id })
    return await getPhoneNumber(tx, number.id)
  })
}

/** An agent of this organization; for the native route one that ElevenLabs holds. */
export async function requireAgent(
  tx: Tx,
  agentId: string | null,
  route: queries.NumberRow['route'],
): Promise<void> {
  const agent = agentId ? await queries.findAgent(tx.db, tenantOf(tx), agentId) : undefined
  if (agentId && !agent) throw notFound('agent')
  if (route === 'native' && !agent?.elevenLabsAgentId) throw errors.agentNotReady()
}

/** For the seed: whose number this becomes, as the operator says. Bought where the account does not hold it. */
export async function claimForPlatform(
  ctx: Context,
  wanted: { e164: string; agentId: string; label: string },
): Promise<string> {
  const carrier = ctx.vendors.twilio
  const held = await carrier.findNumber(wanted.e164)
  const claimed = { ...wanted, route: 'gateway', carrierAccountId: null } as const
  const voiceUrl = webhooksAt(ctx.vendors).voiceUrl
  const found = held
    ? { origin: 'held' as const, capabilities: held.capabilities, twilioNumberSid: held.sid }
    : { origin: 'bought' as const }
  const number = await claim(ctx, carrier, claimed, 'phone-numbers.connect', { ...found, voiceUrl })
  return number.id
}
