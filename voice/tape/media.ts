import { AudioShape } from '../agent/frames.ts'
import { parseAgentMessage } from '../agent/messages.ts'
import { MediaShape, mediaMessage, parseTwilioFrame } from '../twilio/frames.ts'
import { IN_PARTS } from './format.ts'
import { unpackMedia } from './parts.ts'
import type { TapeRecord } from './reader.ts'

type Recorded = Pick<TapeRecord, 'arg' | 'data'>

const media = new MediaShape()
const audio = new AudioShape()

/** The audio of a caller's frame as it was recorded, still base64. */
export function customerAudio(record: Recorded): { payload: string; stampMs: number } | undefined {
  const { data } = record
  if (record.arg === IN_PARTS) {
    const { payload, timestampMs } = unpackMedia(data)
    return { payload, stampMs: timestampMs }
  }
  if (media.read(data)) {
    const payload = data.toString('latin1', media.payloadStart, media.payloadEnd)
    return { payload, stampMs: media.timestampMs }
  }
  const frame = parseTwilioFrame(data)
  if (frame?.event !== 'media') return undefined
  return { payload: frame.media.payload, stampMs: frame.media.timestamp }
}

/** A caller's frame as it arrived. */
export function customerMessage(record: Recorded, streamSid: string): Buffer {
  if (record.arg !== IN_PARTS) return record.data
  const parts = unpackMedia(record.data)
  // What came is bytes, which latin1 keeps one by one.
  return Buffer.from(mediaMessage(parts, parts.payload, streamSid), 'latin1')
}

/** The audio of an agent's message as it was recorded, still base64. */
export function agentAudio(data: Buffer): { payload: string; eventId: number } | undefined {
  if (audio.read(data)) {
    const payload = data.toString('latin1', audio.payloadStart, audio.payloadEnd)
    return { payload, eventId: audio.eventId }
  }
  const read = parseAgentMessage(data)
  if (!read || !('message' in read) || read.message.type !== 'audio') return undefined
  const { audio_base_64, event_id } = read.message.audio_event
  return { payload: audio_base_64, eventId: event_id }
}
