import { AudioShape } from '../agent/frames.ts'
import { parseAgentMessage } from '../agent/messages.ts'
import { MediaShape, parseTwilioFrame } from '../twilio/frames.ts'

const media = new MediaShape()
const audio = new AudioShape()

/** The audio of a caller's frame as it was recorded, still base64. */
export function customerAudio(data: Buffer): { payload: string; stampMs: number } | undefined {
  if (media.read(data)) {
    const payload = data.toString('latin1', media.payloadStart, media.payloadEnd)
    return { payload, stampMs: media.timestampMs }
  }
  const frame = parseTwilioFrame(data)
  if (frame?.event !== 'media') return undefined
  return { payload: frame.media.payload, stampMs: frame.media.timestamp }
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
