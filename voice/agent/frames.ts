const TYPE_FIRST = Buffer.from('{"type":"audio","audio_event":{"audio_base_64":"')
const TYPE_LAST = Buffer.from('{"audio_event":{"audio_base_64":"')
const TYPE_AT_END = Buffer.from('},"type":"audio"}')
const BEFORE_EVENT_ID = Buffer.from('","event_id":')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const BRACE = 0x7d
const MAX_DIGITS = 15

/**
 * Recognises an `audio` message by its shape, with the type before or after the event. What does not fit is left to
 * `parseAgentMessage`. The fields hold the last message that was recognised.
 */
export class AudioShape {
  payloadStart = 0
  payloadEnd = 0
  eventId = 0

  read(data: Buffer): boolean {
    let start = TYPE_FIRST.length
    if (!holdsAt(data, 0, TYPE_FIRST)) {
      if (!holdsAt(data, 0, TYPE_LAST)) return false
      if (!holdsAt(data, data.length - TYPE_AT_END.length, TYPE_AT_END)) return false
      start = TYPE_LAST.length
    }
    const end = data.indexOf(QUOTE, start)
    if (end <= start || data[end - 1] === BACKSLASH) return false
    if (!holdsAt(data, end, BEFORE_EVENT_ID)) return false

    let at = end + BEFORE_EVENT_ID.length
    const from = at
    let number = 0
    for (;;) {
      const digit = data[at]! - 0x30
      if (!(digit >= 0 && digit <= 9)) break
      number = number * 10 + digit
      at++
      if (at - from > MAX_DIGITS) return false
    }
    if (at === from || (data[at] !== COMMA && data[at] !== BRACE)) return false
    this.payloadStart = start
    this.payloadEnd = end
    this.eventId = number
    return true
  }
}

function holdsAt(data: Buffer, at: number, constant: Buffer): boolean {
  const { length } = constant
  for (let index = 0; index < length; index++) {
    if (data[at + index] !== constant[index]) return false
  }
  return true
}

/** `{"user_audio_chunk":"…"}` is these two around the base64 text as Twilio sent it. */
export const USER_AUDIO_HEAD: Buffer = Buffer.from('{"user_audio_chunk":"')
export const USER_AUDIO_TAIL: Buffer = Buffer.from('"}')

export const pong = (eventId: number): string => `{"type":"pong","event_id":${eventId}}`

/** Somebody is about to take a turn: the agent waits with what it would say into the silence. */
export const USER_ACTIVITY = '{"type":"user_activity"}'

/** Takes a turn as speech does, and interrupts as it does. */
export const userMessage = (text: string): string => JSON.stringify({ type: 'user_message', text })

/** An update with the same `contextId` takes the place of the one before. */
export const contextualUpdate = (text: string, contextId: string): string =>
  JSON.stringify({ type: 'contextual_update', text, context_id: contextId })

export const clientToolRefused = (toolCallId: string): string =>
  JSON.stringify({
    type: 'client_tool_result',
    tool_call_id: toolCallId,
    result: 'This tool is not available on a phone call.',
    is_error: true,
  })

export const mcpToolRefused = (toolCallId: string): string =>
  JSON.stringify({
    type: 'mcp_tool_approval_result',
    tool_call_id: toolCallId,
    is_approved: false,
  })
