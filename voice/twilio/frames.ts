import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { lastingBytes } from '../lasting-bytes.ts'

// Twilio writes numbers as strings. Fifteen digits stay exact in a double.
const digits = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
const sid = (prefix: string) => z.string().regex(new RegExp(`^${prefix}[0-9a-f]{32}$`))
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/)
const track = z.enum(['inbound', 'outbound'])

// Twilio takes 500 characters for a custom parameter's name and value together; a handful is ours.
const MAX_PARAMETER_CHARS = 2_000
const MAX_TYPED_CHARS = 2_000 // a long question; an essay is no turn of a conversation
const customParameters = z
  .record(z.string().max(MAX_PARAMETER_CHARS), z.string().max(MAX_PARAMETER_CHARS))
  .default({})

const connected = z.object({ event: z.literal('connected'), protocol: z.string().max(64) })
const start = z.object({
  event: z.literal('start'),
  streamSid: sid('MZ'),
  start: z.object({
    accountSid: sid('AC'),
    callSid: sid('CA'),
    streamSid: sid('MZ'),
    tracks: z.array(track).min(1).max(2),
    mediaFormat: z.object({
      encoding: z.literal('audio/x-mulaw'),
      sampleRate: z.literal(8000),
      channels: z.literal(1),
    }),
    customParameters,
  }),
})
const media = z.object({
  event: z.literal('media'),
  media: z.object({ track: track.default('inbound'), timestamp: digits, payload: base64 }),
})
const dtmf = z.object({
  event: z.literal('dtmf'),
  dtmf: z.object({ digit: z.string().regex(/^[0-9A-D*#]$/) }),
})
const mark = z.object({ event: z.literal('mark'), mark: z.object({ name: z.string().max(256) }) })
const stop = z.object({ event: z.literal('stop') })
// Not Twilio's, these two: a browser that is the caller may type.
const typing = z.object({ event: z.literal('typing') })
const text = z.object({
  event: z.literal('text'),
  text: z.string().trim().min(1).max(MAX_TYPED_CHARS).transform(cleanText),
})
const unknownEvent = z
  .object({ event: z.string().max(64) })
  .transform(({ event }) => ({ event: 'unknown' as const, name: cleanText(event) }))

const known = z.discriminatedUnion('event', [
  connected,
  start,
  media,
  dtmf,
  mark,
  stop,
  typing,
  text,
])
const names = new Set(['connected', 'start', 'media', 'dtmf', 'mark', 'stop', 'typing', 'text'])

export type TwilioStart = z.output<typeof start>
/** Whether the caller has heard the announcement: of the carrier just before this stream, or in an earlier one. */
export type Announced = 'by_carrier' | 'earlier' | 'not_yet'

export function announcedIn({ start }: TwilioStart): Announced {
  const { announced } = start.customParameters
  return announced === 'by_carrier' || announced === 'earlier' ? announced : 'not_yet'
}

export type TwilioFrame = z.output<typeof known> | z.output<typeof unknownEvent>

/** Any frame, the slow way; undefined when it is not one. A kind we do not know is a frame all the same. */
export function parseTwilioFrame(data: Buffer): TwilioFrame | undefined {
  let json: unknown
  try {
    json = JSON.parse(data.toString('utf8'))
  } catch {
    return undefined
  }
  const unknown = unknownEvent.safeParse(json)
  if (!unknown.success) return undefined
  if (!names.has(unknown.data.name)) return unknown.data
  const frame = known.safeParse(json)
  return frame.success ? frame.data : undefined
}

const BEFORE_SEQUENCE = Buffer.from('{"event":"media","sequenceNumber":"')
const BEFORE_CHUNK_INBOUND = Buffer.from('","media":{"track":"inbound","chunk":"')
const BEFORE_CHUNK_OUTBOUND = Buffer.from('","media":{"track":"outbound","chunk":"')
const BEFORE_TIMESTAMP = Buffer.from('","timestamp":"')
const BEFORE_PAYLOAD = Buffer.from('","payload":"')
const AFTER_PAYLOAD = Buffer.from('"},"streamSid":"')
const AFTER_SID = '"}'
const SID_LENGTH = 34
const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30
const MAX_DIGITS = 15
const MAX_UINT32 = 0xffff_ffff

/**
 * Recognises a media frame by its shape, byte for byte, without making a string or an object of it. What does not fit
 * is not refused, only left to `parseTwilioFrame`. The fields hold the last frame that was recognised.
 */
export class MediaShape {
  payloadStart = 0
  payloadEnd = 0
  sequenceNumber = 0
  chunk = 0
  timestampMs = 0
  outbound = false
  /** The caller's, of this stream, with numbers of 32 bits: every byte of it follows from the fields and the payload. */
  isRegular = false
  readonly #ending: Buffer
  #at = 0
  #number = 0
  #isPlain = true

  constructor(streamSid = '') {
    this.#ending = lastingBytes(`${AFTER_PAYLOAD.toString()}${streamSid}${AFTER_SID}`)
  }

  read(data: Buffer): boolean {
    this.#at = 0
    this.#isPlain = true
    if (!this.#constant(data, BEFORE_SEQUENCE) || !this.#digits(data)) return false
    this.sequenceNumber = this.#number
    if (this.#constant(data, BEFORE_CHUNK_INBOUND)) this.outbound = false
    else if (this.#constant(data, BEFORE_CHUNK_OUTBOUND)) this.outbound = true
    else return false
    if (!this.#digits(data) || !this.#constant(data, BEFORE_TIMESTAMP)) return false
    this.chunk = this.#number
    if (!this.#digits(data)) return false
    this.timestampMs = this.#number
    if (!this.#constant(data, BEFORE_PAYLOAD)) return false

    const start = this.#at
    const end = data.indexOf(QUOTE, start)
    // A backslash before the quote means that the value does not end here, or is no base64.
    if (end <= start || data[end - 1] === BACKSLASH) return false
    this.#at = end
    const isOurs = this.#constant(data, this.#ending) && this.#at === data.length
    this.isRegular = isOurs && this.#isPlain && !this.outbound
    if (!isOurs && !this.#endsAsAny(data, end)) return false
    this.payloadStart = start
    this.payloadEnd = end
    return true
  }

  /** As a frame of whatever stream ends. */
  #endsAsAny(data: Buffer, at: number): boolean {
    this.#at = at
    if (!this.#constant(data, AFTER_PAYLOAD)) return false
    return data.length === this.#at + SID_LENGTH + AFTER_SID.length
  }

  #constant(data: Buffer, constant: Buffer): boolean {
    const at = this.#at
    const { length } = constant
    for (let index = 0; index < length; index++) {
      if (data[at + index] !== constant[index]) return false
    }
    this.#at = at + length
    return true
  }

  #digits(data: Buffer): boolean {
    const from = this.#at
    let at = from
    let number = 0
    for (;;) {
      const digit = data[at]! - ZERO
      // Reading past the end gives NaN, which is not between 0 and 9 either.
      if (!(digit >= 0 && digit <= 9)) break
      number = number * 10 + digit
      at++
      if (at - from > MAX_DIGITS) return false
    }
    this.#at = at
    this.#number = number
    if (number > MAX_UINT32 || (data[from] === ZERO && at > from + 1)) this.#isPlain = false
    return at > from
  }
}

/** The message that a regular frame is read from. */
export const mediaMessage = (
  parts: Pick<MediaShape, 'sequenceNumber' | 'chunk' | 'timestampMs'>,
  payload: string,
  streamSid: string,
): string =>
  `${BEFORE_SEQUENCE}${parts.sequenceNumber}${BEFORE_CHUNK_INBOUND}${parts.chunk}${BEFORE_TIMESTAMP}` +
  `${parts.timestampMs}${BEFORE_PAYLOAD}${payload}${AFTER_PAYLOAD}${streamSid}${AFTER_SID}`

const MARK = Buffer.from('{"event":"mark"')
const MARK_NAME = Buffer.from('"mark":{"name":"')

/**
 * The name in a mark that Twilio returns, by its shape; undefined leaves it to `parseTwilioFrame`. Marks come as often as
 * the agent's audio, and their names are ours, without anything that JSON would escape.
 */
export function markName(data: Buffer): string | undefined {
  for (let index = 0; index < MARK.length; index++) {
    if (data[index] !== MARK[index]) return undefined
  }
  const at = data.indexOf(MARK_NAME, MARK.length)
  if (at < 0) return undefined
  const from = at + MARK_NAME.length
  const to = data.indexOf(QUOTE, from)
  if (to < 0 || data.indexOf(BACKSLASH, from) >= 0) return undefined
  return data.toString('latin1', from, to)
}

const MEDIA_TAIL = Buffer.from('"}}')

/** The frames we send on one media stream. */
export class TwilioWriter {
  readonly mediaHead: Buffer
  readonly mediaTail: Buffer = MEDIA_TAIL
  readonly clear: string
  readonly #markHead: string

  constructor(streamSid: string) {
    const stream = JSON.stringify(streamSid)
    this.mediaHead = lastingBytes(`{"event":"media","streamSid":${stream},"media":{"payload":"`)
    this.clear = `{"event":"clear","streamSid":${stream}}`
    this.#markHead = `{"event":"mark","streamSid":${stream},"mark":{"name":`
  }

  mark(name: string): string {
    return `${this.#markHead}${JSON.stringify(name)}}}`
  }

  media(audio: Uint8Array): string {
    return `${this.mediaHead.toString()}${Buffer.from(audio).toString('base64')}"}}`
  }
}
