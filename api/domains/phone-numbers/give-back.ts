import { leaveElevenLabs } from './set-up.ts'
import { type VendorWork, webhooksAt } from './vendor-work.ts'

const nothing = {
  voiceUrl: '',
  voiceFallbackUrl: '',
  statusCallback: '',
  voiceApplicationSid: '',
  trunkSid: '',
}

/** Takes a number from both vendors again; what was never there, or is gone, is passed over. */
export async function giveBack(work: VendorWork): Promise<void> {
  await leaveElevenLabs(work)
  await work.write({ step: 'giving_back' })
  const { carrier, number } = work
  const mayBeThere = number.twilioNumberSid !== null || number.purchasesSent > 0
  const held = mayBeThere ? await carrier.findNumber(number.e164) : null
  if (!held) return
  if (!number.staysAtCarrier) return await carrier.releaseNumber(held.sid)
  // Somebody who pointed it elsewhere meanwhile wants it there.
  const isAsWeLeftIt =
    held.voiceUrl === webhooksAt(work.ctx.vendors).voiceUrl || held.voiceUrl === number.voiceUrl
  if (isAsWeLeftIt) await carrier.pointNumber(held.sid, number.previousWebhooks ?? nothing)
}
