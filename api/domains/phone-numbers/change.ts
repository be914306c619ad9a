import type { z } from 'zod'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context, Tx } from '#api/core/context.ts'
import { asPlatform, inTransaction, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { countryOfNumber, factsOfNumber } from '#api/core/number-plan.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import { holdCarrierAccount } from '#api/domains/carrier-accounts/service.ts'
import { requireAgent } from './claim.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import { convergeNumberJob } from './jobs.ts'
import * as queries from './queries.ts'
import { getPhoneNumber, type PhoneNumber } from './show.ts'

/** Changes what a number is to do. Calls follow at once where only we need to know; else vendors are told by a job. */
export function updatePhoneNumber(
  ctx: Context,
  phoneNumberId: string,
  { fallback, ...asked }: Received<typeof contract.updatePhoneNumber>['body'],
): Promise<PhoneNumber> {
  return inTransaction(ctx, async (tx) => {
    const before = await lockInUse(tx, phoneNumberId)
    const agentId = asked.agentId === undefined ? before.agentId : asked.agentId
    const route = asked.route ?? before.route
    if (agentId !== before.agentId || route !== before.route) await requireAgent(tx, agentId, route)
    if (fallback) await checkFallback(tx, before, fallback)
    const concernsVendors =
      (route === 'native' || before.route === 'native') &&
      (route !== before.route || agentId !== before.agentId)
    const change: queries.NumberChange = {
      ...(asked.label !== undefined && { label: asked.label }),
      ...(asked.maxConcurrentCalls !== undefined && {
        maxConcurrentCalls: asked.maxConcurrentCalls,
      }),
      agentId,
      route,
      ...(fallback && columnsOf(fallback)),
    }
    await queries.updateNumber(tx.db, before.organizationId, phoneNumberId, change)
    if (concernsVendors) await askForWork(tx, before)
    await recordAudit(tx, {
      action: 'phone-numbers.update',
      subject: phoneNumberId,
      before: told(before),
      after: told({ ...before, ...change }),
    })
    return await getPhoneNumber(tx, phoneNumberId)
  })
}

/** Goes on where a vendor refused. A claim that was given up is made again, if nobody else has it now. */
export async function retryPhoneNumber(ctx: Context, phoneNumberId: string): Promise<PhoneNumber> {
  const { e164 } = await getPhoneNumber(ctx, phoneNumberId)
  const owned = await asPlatform(ctx, (tx) => queries.findByE164(tx.db, e164))
  return await inTransaction(ctx, async (tx) => {
    const number = await lock(tx, phoneNumberId)
    if (number.state === 'released' || number.state === 'active' || !number.error)
      throw errors.nothingToRetry()
    const { organizationId } = number
    if (number.carrierAccountId) await holdCarrierAccount(tx, number.carrierAccountId)
    if (owned && owned.id !== phoneNumberId) throw errors.numberTaken()
    const isNew = number.appliedRevision === 0
    await queries.updateNumber(tx.db, organizationId, phoneNumberId, {
      ...(number.state === 'failed' && { state: isNew ? 'importing' : 'changing' }),
      // What was refused may be asked again, once.
      ...(number.releasedAt && { releasedAt: null, purchasesSent: 0, purchaseSentAt: null }),
      ...(!number.releasedAt && { purchasesSent: Math.min(1, number.purchasesSent) }),
      ...atOnce,
    })
    await tx.enqueue(convergeNumberJob, { organizationId, phoneNumberId })
    return await getPhoneNumber(tx, phoneNumberId)
  })
}

export function releasePhoneNumber(
  ctx: Context,
  phoneNumberId: string,
  { staysAtCarrier, confirmE164 }: Received<typeof contract.releasePhoneNumber>['body'],
): Promise<PhoneNumber> {
  return inTransaction(ctx, async (tx) => {
    const number = await lockInUse(tx, phoneNumberId)
    if (confirmE164 !== number.e164) throw errors.notConfirmed()
    if (staysAtCarrier && number.carrierAccountId === null) throw errors.platformKeepsNone()
    const { organizationId } = number
    // A claim that was given up leaves nothing at the vendors; the number may be somebody else's by now.
    const change = number.releasedAt
      ? ({ state: 'released', error: null, step: null } as const)
      : {
          ...atOnce,
          state: 'releasing' as const,
          staysAtCarrier,
          revision: number.revision + 1,
          error: null,
        }
    await queries.updateNumber(tx.db, organizationId, phoneNumberId, change)
    await recordAudit(tx, {
      action: 'phone-numbers.release',
      subject: phoneNumberId,
      after: { staysAtCarrier },
    })
    if (!number.releasedAt) await tx.enqueue(convergeNumberJob, { organizationId, phoneNumberId })
    return await getPhoneNumber(tx, phoneNumberId)
  })
}

/** Sets a number that drifted up again. One that Twilio has under another id is found anew. */
export function repairDrift(ctx: Context, phoneNumberId: string): Promise<PhoneNumber> {
  return inTransaction(ctx, async (tx) => {
    const number = await lock(tx, phoneNumberId)
    if (number.state !== 'active' || number.drift.length === 0) throw errors.nothingToRepair()
    const isGone = number.drift.some(({ what }) => what === 'number_gone')
    const mayBeImported =
      number.route === 'native' || number.drift.some(({ vendor }) => vendor === 'elevenlabs')
    await askForWork(tx, number, {
      ...(isGone && { twilioNumberSid: null, origin: 'held' }),
      ...(mayBeImported && { step: 'joining_elevenlabs' }),
    })
    await recordAudit(tx, {
      action: 'phone-numbers.repair',
      subject: phoneNumberId,
      before: { drift: number.drift.map(({ what }) => what) },
    })
    return await getPhoneNumber(tx, phoneNumberId)
  })
}

/** What somebody asks for does not wait for what failed before. */
const atOnce = { tries: 0, nextTryAt: null } satisfies queries.NumberChange

/** Has the vendors told; whoever works on the number already goes another round. */
async function askForWork(
  tx: Tx,
  number: queries.NumberRow,
  change: queries.NumberChange = {},
): Promise<void> {
  const { organizationId, id, state, revision } = number
  const isUp = state === 'active' || (state === 'failed' && !number.releasedAt)
  await queries.updateNumber(tx.db, organizationId, id, {
    ...atOnce,
    ...change,
    revision: revision + 1,
    ...(isUp && { state: number.appliedRevision === 0 ? 'importing' : 'changing' }),
  })
  await tx.enqueue(convergeNumberJob, { organizationId, phoneNumberId: id })
}

/** T15: to ordinary numbers of allowed countries, paid by whoever forwards. */
async function checkFallback(
  tx: Tx,
  number: queries.NumberRow,
  fallback: z.output<typeof contract.fallback>,
): Promise<void> {
  if (fallback.kind !== 'forward') return
  if (number.carrierAccountId === null) throw errors.forwardNeedsOwnAccount()
  const own = countryOfNumber(number.e164)
  const allowed = await queries.listAllowedCountries(tx.db, number.organizationId)
  const countries = allowed.length > 0 ? allowed : [own]
  const facts = factsOfNumber(fallback.to)
  const mayBeDialled =
    facts !== undefined &&
    !facts.isSpecial &&
    facts.country !== null &&
    countries.includes(facts.country) &&
    fallback.to !== number.e164
  if (!mayBeDialled) throw errors.forwardNotAllowed()
}

const columnsOf = (fallback: z.output<typeof contract.fallback>) => ({
  fallbackKind: fallback.kind,
  fallbackText: 'text' in fallback ? fallback.text : null,
  fallbackTo: 'to' in fallback ? fallback.to : null,
})

/** What the audit keeps of a number: no words and no other number. */
const told = ({ agentId, route, fallbackKind, maxConcurrentCalls }: queries.NumberRow) => ({
  agentId,
  route,
  fallbackKind,
  maxConcurrentCalls,
})

async function lock(tx: Tx, phoneNumberId: string): Promise<queries.NumberRow> {
  const number = await queries.lockNumber(tx.db, tenantOf(tx), phoneNumberId)
  if (!number) throw notFound('phone number')
  return number
}

async function lockInUse(tx: Tx, phoneNumberId: string): Promise<queries.NumberRow> {
  const number = await lock(tx, phoneNumberId)
  if (number.state === 'releasing' || number.state === 'released') throw errors.beingReleased()
  return number
}
