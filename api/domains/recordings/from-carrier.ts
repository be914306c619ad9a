import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { findCarrierOfCall } from '#api/domains/calls/service.ts'
import * as queries from './queries.ts'
import { type Peaks, storeRecording } from './service.ts'

const PEAKS_PER_SECOND = 20
const HEADER_BYTES = 44
const FULL_SCALE = 32_768 // samples of 16 bits

/** Brings a recording of the carrier into our store, and takes it away there: it is kept in one place. */
export async function storeCarrierRecording(
  ctx: Context,
  { callId, twilioRecordingSid }: { callId: string; twilioRecordingSid: string },
): Promise<'stored' | 'known' | 'unknown call'> {
  const carrier = await findCarrierOfCall(ctx, callId)
  if (!carrier) return 'unknown call'
  const organizationId = tenantOf(ctx)
  // An earlier run that was stopped before its end: what is left is to take it away there.
  if (await read(ctx, (db) => queries.findRecording(db, organizationId, callId))) {
    await carrier.deleteRecording(twilioRecordingSid)
    return 'known'
  }
  const wav = await carrier.fetchRecording(twilioRecordingSid)
  // Told of and not yet there, for some seconds.
  if (!wav) throw new VendorError('twilio', 'fetch-recording', { status: 404, retryable: true })
  const outcome = await storeRecording(ctx, {
    organizationId,
    callId,
    wav,
    // Its frames never passed our gateway.
    tape: new Uint8Array(0),
    peaks: peaksOf(wav),
    lostRecords: 0,
    isTorn: false,
  })
  await carrier.deleteRecording(twilioRecordingSid)
  return outcome
}

/** The waveform of a WAV file of 16-bit samples: the customer on the left, whoever answered on the right. */
export function peaksOf(wav: Buffer): Peaks {
  const channels = Math.max(1, wav.readUInt16LE(22))
  const sampleRate = wav.readUInt32LE(24)
  const blockBytes = channels * 2
  const blocks = Math.max(0, Math.floor((wav.length - HEADER_BYTES) / blockBytes))
  const blocksAPeak = Math.max(1, Math.round(sampleRate / PEAKS_PER_SECOND))
  const count = Math.ceil(blocks / blocksAPeak)
  const channel = (offset: number) =>
    Array.from({ length: count }, (_, n) => {
      let peak = 0
      const end = Math.min(blocks, (n + 1) * blocksAPeak)
      for (let block = n * blocksAPeak; block < end; block++)
        peak = Math.max(peak, Math.abs(wav.readInt16LE(HEADER_BYTES + block * blockBytes + offset)))
      return Math.round((peak / FULL_SCALE) * 1_000) / 1_000
    })
  const customer = channel(0)
  return {
    durationMs: Math.round((blocks / sampleRate) * 1_000),
    perSecond: PEAKS_PER_SECOND,
    customer,
    agent: channels > 1 ? channel(2) : customer.map(() => 0),
  }
}
