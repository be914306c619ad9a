import type { MediaShape } from '../twilio/frames.ts'

// Where the numbers of a caller's frame in parts stand; the payload follows as it came, base64.
const SEQUENCE_AT = 0
const CHUNK_AT = 4
const TIMESTAMP_AT = 8
const PAYLOAD_AT = 12
const MAX_BYTES = 65_536 // more than any message a media socket lets through
const VIEWED_BYTES = 512 // a frame of 20 ms has 228

// The tape takes a copy at once, so one place does for all frames.
const packed = Buffer.allocUnsafeSlow(MAX_BYTES)
const view = new DataView(packed.buffer)
const views: (Buffer | undefined)[] = Array.from({ length: VIEWED_BYTES + 1 })

/** A caller's regular frame in parts, two thirds of its length. Valid until the next. */
export function packMedia(media: MediaShape, source: Buffer): Buffer {
  view.setUint32(SEQUENCE_AT, media.sequenceNumber, true)
  view.setUint32(CHUNK_AT, media.chunk, true)
  view.setUint32(TIMESTAMP_AT, media.timestampMs, true)
  source.copy(packed, PAYLOAD_AT, media.payloadStart, media.payloadEnd)
  const bytes = PAYLOAD_AT + media.payloadEnd - media.payloadStart
  if (bytes > VIEWED_BYTES) return packed.subarray(0, bytes)
  return (views[bytes] ??= packed.subarray(0, bytes))
}

export type MediaParts = {
  sequenceNumber: number
  chunk: number
  timestampMs: number
  payload: string
}

export const unpackMedia = (data: Buffer): MediaParts => ({
  sequenceNumber: data.readUInt32LE(SEQUENCE_AT),
  chunk: data.readUInt32LE(CHUNK_AT),
  timestampMs: data.readUInt32LE(TIMESTAMP_AT),
  payload: data.toString('latin1', PAYLOAD_AT),
})
