import {
  findAgentOf,
  findCurrent,
  previousOf,
  SetupFailed,
  TooEarly,
  type VendorWork,
  WorkLost,
  webhooksAt,
} from './vendor-work.ts'

// THREATS F17: a purchase without an answer is looked for; only after so long it is sent once more.
const PURCHASE_PATIENCE_MS = 15_000
const MAX_PURCHASES = 2

/** Makes the vendors hold a number as it is wanted. Each step may be done twice without doing more. */
export async function setUp(work: VendorWork): Promise<void> {
  if (!work.number.twilioNumberSid) await obtain(work)
  if (work.number.route === 'native') await handToElevenLabs(work)
  else await pointAtUs(work)
}

/** Whether ElevenLabs may answer for the number: also where the answer to an import was lost. */
export const mayBeImported = ({ number }: VendorWork): boolean =>
  number.elevenLabsPhoneNumberId !== null ||
  number.step === 'joining_elevenlabs' ||
  number.step === 'leaving_elevenlabs'

/** Takes the number away from ElevenLabs. */
export async function leaveElevenLabs(work: VendorWork): Promise<void> {
  if (!mayBeImported(work)) return
  const { elevenLabs } = work.ctx.vendors
  const { e164, step, voiceUrl } = work.number
  // An import that came to no end may have changed where the number points: that was ElevenLabs, and nobody's wish.
  const isUnclear = step === 'joining_elevenlabs'
  const found = isUnclear ? (await work.carrier.findNumber(e164))?.voiceUrl : voiceUrl
  await work.write({ step: 'leaving_elevenlabs', voiceUrl: found ?? null })
  const imported = await elevenLabs.findImportedNumber(e164)
  if (imported) await elevenLabs.deleteImportedNumber(imported.elevenLabsPhoneNumberId)
  await work.write({ elevenLabsPhoneNumberId: null, step: 'pointing' })
}

async function obtain(work: VendorWork): Promise<void> {
  const { number, carrier } = work
  // A lost answer to an import is looked for by the step that stands here, so it is not overwritten.
  if (!mayBeImported(work)) await work.write({ step: 'finding' })
  const held = await carrier.findNumber(number.e164)
  if (held) {
    // Nobody asked to buy yet: it was there before, and may be meant for somebody else.
    if (number.origin === 'bought' && number.purchasesSent === 0)
      throw new SetupFailed('held_already')
    const previousWebhooks = number.previousWebhooks ?? previousOf(work.ctx, held)
    await work.write({
      twilioNumberSid: held.sid,
      capabilities: held.capabilities,
      previousWebhooks: number.origin === 'held' ? previousWebhooks : null,
    })
    return
  }
  if (number.origin !== 'bought') throw new SetupFailed('number_gone')
  await buy(work)
}

async function buy(work: VendorWork): Promise<void> {
  const { ctx, number, carrier } = work
  const sentAt = number.purchaseSentAt?.getTime()
  if (sentAt !== undefined && ctx.now().getTime() - sentAt < PURCHASE_PATIENCE_MS)
    throw new TooEarly()
  if (number.purchasesSent >= MAX_PURCHASES) throw new SetupFailed('purchase_unclear')
  // On record before it is sent: whoever comes after a crash looks for the number first.
  const purchasesSent = number.purchasesSent + 1
  await work.write({ step: 'buying', purchaseSentAt: ctx.now(), purchasesSent })
  const bought = await carrier.buyNumber(number.e164, webhooksAt(ctx.vendors))
  const undo = async () => {
    const now = await findCurrent(work)
    // As long as somebody works on the number it is found and kept.
    if (now?.releasedAt) await carrier.releaseNumber(bought.sid)
  }
  await orUndo(undo, () =>
    work.write({ twilioNumberSid: bought.sid, capabilities: bought.capabilities }),
  )
}

/** Whoever took over while we stood still did without what we just made. */
async function orUndo(undo: () => Promise<void>, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (error instanceof WorkLost) await undo()
    throw error
  }
}

async function pointAtUs(work: VendorWork): Promise<void> {
  // First, because whatever happens to an import may touch the addresses.
  await leaveElevenLabs(work)
  await point(work)
}

async function point(work: VendorWork): Promise<void> {
  const webhooks = webhooksAt(work.ctx.vendors)
  await work.carrier.pointNumber(sidOf(work), webhooks)
  await work.write({ voiceUrl: webhooks.voiceUrl })
}

async function handToElevenLabs(work: VendorWork): Promise<void> {
  const { ctx, number } = work
  const agent = await findAgentOf(ctx, number)
  if (!agent?.elevenLabsAgentId) throw new SetupFailed('agent_not_ready')
  if (number.elevenLabsPhoneNumberId === null || number.step === 'joining_elevenlabs')
    await join(work)
  await work.write({ step: 'assigning' })
  const { elevenLabsPhoneNumberId } = work.number
  if (elevenLabsPhoneNumberId === null) throw new Error('a number was joined without an id')
  await ctx.vendors.elevenLabs.assignNumber(elevenLabsPhoneNumberId, agent.elevenLabsAgentId)
}

/**
 * Imports the number anew. Its fallback address stays ours, and ElevenLabs asks us before each call, so that
 * calls are admitted and limited as everywhere.
 */
async function join(work: VendorWork): Promise<void> {
  const { ctx, carrier, number } = work
  const { elevenLabs } = ctx.vendors
  await work.write({ step: 'joining_elevenlabs' })
  await elevenLabs.setInitiationWebhook(initiationWebhook(ctx))
  const known = await elevenLabs.findImportedNumber(number.e164)
  if (known) await elevenLabs.deleteImportedNumber(known.elevenLabsPhoneNumberId)
  await point(work)
  const elevenLabsPhoneNumberId = await elevenLabs.importNumber({
    e164: number.e164,
    label: number.label || number.e164,
    ...carrier.credentials(),
  })
  const voiceUrl = (await carrier.findNumber(number.e164))?.voiceUrl ?? null
  const undo = async () => {
    await elevenLabs.deleteImportedNumber(elevenLabsPhoneNumberId)
    const now = await findCurrent(work)
    if (now?.state === 'active' && now.route !== 'native')
      await carrier.pointNumber(sidOf(work), webhooksAt(ctx.vendors))
  }
  await orUndo(undo, () => work.write({ elevenLabsPhoneNumberId, voiceUrl, step: 'assigning' }))
}

export const INITIATION_HEADER = 'x-voxcalls-initiation'

/** Where ElevenLabs asks before it takes a call, and what proves that it is the one who asks. */
export const initiationWebhook = ({ vendors, signer }: VendorWork['ctx']) => ({
  url: `${vendors.gatewayUrl}/elevenlabs/initiation`,
  headers: { [INITIATION_HEADER]: signer.sign('initiation', vendors.gatewayUrl) },
})

export function sidOf({ number }: VendorWork): string {
  if (!number.twilioNumberSid) throw new Error('the number was never found at Twilio')
  return number.twilioNumberSid
}
