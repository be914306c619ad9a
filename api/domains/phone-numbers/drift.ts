import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import type { ImportedNumber, TwilioNumber } from '#api/core/vendors.ts'
import { carrierOf, noteRefusal } from '#api/domains/carrier-accounts/service.ts'
import * as queries from './queries.ts'
import { findAgentOf, webhooksAt } from './vendor-work.ts'

type Drift = queries.NumberRow['drift']

/**
 * Asks both vendors what they hold of a number in service and keeps what differs from how we left it. `false` where
 * the number is not in service, or was changed while they were asked.
 */
export async function checkDrift(ctx: Context, phoneNumberId: string): Promise<boolean> {
  const organizationId = tenantOf(ctx)
  const number = await read(ctx, (db) => queries.findNumber(db, organizationId, phoneNumberId))
  if (!number) throw notFound('phone number')
  if (number.state !== 'active') return false
  const [held, imported, agent] = await Promise.all([
    findAtTwilio(ctx, number),
    ctx.vendors.elevenLabs.findImportedNumber(number.e164),
    findAgentOf(ctx, number),
  ])
  const drift = [
    ...atTwilio(ctx.vendors, number, held),
    ...atElevenLabs(number, imported, agent?.elevenLabsAgentId ?? null),
  ]
  return await inTransaction(ctx, async (tx) => {
    const row = await queries.lockNumber(tx.db, organizationId, phoneNumberId)
    if (row?.state !== 'active' || row.revision !== number.revision) return false
    const isNew = drift.length > 0 && row.drift.length === 0
    const foundAt = isNew ? ctx.now() : row.driftFoundAt
    await queries.updateNumber(tx.db, organizationId, phoneNumberId, {
      drift,
      driftFoundAt: drift.length > 0 ? foundAt : null,
      checkedAt: ctx.now(),
    })
    if (isNew)
      ctx.log.warn({ phoneNumberId, what: drift.map(({ what }) => what) }, 'number drifted')
    return true
  })
}

async function findAtTwilio(ctx: Context, number: queries.NumberRow): Promise<TwilioNumber | null> {
  const carrier = await carrierOf(ctx, number.carrierAccountId)
  try {
    return await carrier.findNumber(number.e164)
  } catch (error) {
    await noteRefusal(ctx, number.carrierAccountId, carrier, error)
    throw error
  }
}

function atTwilio(
  vendors: Context['vendors'],
  number: queries.NumberRow,
  held: TwilioNumber | null,
): Drift {
  if (!held || held.sid !== number.twilioNumberSid)
    return [differs('twilio', 'number_gone', number.twilioNumberSid, held?.sid)]
  const ours = webhooksAt(vendors)
  // Of a native number the status goes to ElevenLabs, at an address of its own.
  const isNative = number.route === 'native'
  const voiceUrl = isNative ? number.voiceUrl : ours.voiceUrl
  const compared = [
    ['voice_url', voiceUrl, held.voiceUrl],
    ['fallback_url', ours.voiceFallbackUrl, held.voiceFallbackUrl],
    ['status_callback', isNative ? held.statusCallback : ours.statusCallback, held.statusCallback],
    ['application', '', held.voiceApplicationSid],
    ['trunk', '', held.trunkSid],
  ] as const
  return compared
    .filter(([, expected, found]) => (expected ?? '') !== found)
    .map(([what, expected, found]) => differs('twilio', what, expected, found))
}

function atElevenLabs(
  number: queries.NumberRow,
  imported: ImportedNumber | null,
  elevenLabsAgentId: string | null,
): Drift {
  if (number.route !== 'native') {
    if (!imported) return []
    return [differs('elevenlabs', 'still_imported', '', imported.elevenLabsPhoneNumberId)]
  }
  const { elevenLabsPhoneNumberId } = number
  if (imported?.elevenLabsPhoneNumberId !== elevenLabsPhoneNumberId)
    return [
      differs(
        'elevenlabs',
        'import_gone',
        elevenLabsPhoneNumberId,
        imported?.elevenLabsPhoneNumberId,
      ),
    ]
  if (imported?.elevenLabsAgentId === elevenLabsAgentId) return []
  return [differs('elevenlabs', 'agent', elevenLabsAgentId, imported?.elevenLabsAgentId)]
}

const differs = (
  vendor: 'twilio' | 'elevenlabs',
  what: string,
  expected: string | null | undefined,
  found: string | null | undefined,
): Drift[number] => ({ vendor, what, expected: expected ?? '', found: found ?? '' })
