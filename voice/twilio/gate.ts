import type { Clock, Timer } from '../clock.ts'
import type { WireSocket } from '../socket.ts'
import { FloodMeter } from './flood-meter.ts'
import { parseTwilioFrame, type TwilioStart } from './frames.ts'

/**
 * `1013`: nothing is wrong with it, but there is no room now; its token is not spent. `1011`: the call is here and
 * cannot begin; the carrier asks what comes next.
 */
export type Verdict = 'ok' | '4401' | '4409' | '1013' | '1011'

export type GateOptions = {
  socket: WireSocket
  clock: Clock
  /** Whether this stream may come in: the token and the call it names. Spends the token. */
  verify(start: TwilioStart): Promise<Verdict>
  /** Once, for a stream that came in. Takes the frames that follow, beginning with those that came meanwhile. */
  admitted(start: TwilioStart): (data: Buffer, isBinary: boolean) => void
  /** At most once, instead: `start` is given when its token was spent all the same. */
  refused?(why: GateRefusal, start?: TwilioStart, cause?: unknown): void
}

export type GateRefusal =
  | 'closed'
  | 'too_slow'
  | 'too_much'
  | 'media_before_start'
  | 'malformed'
  | 'binary'
  | 'oversized'
  | 'flood'
  | 'unauthorized'
  | 'duplicate'
  | 'no_room'
  | 'unannounced'
  | 'verify_failed'

// X-ws, all of them.
export const MESSAGE_BYTES = 65_536
const START_MS = 5_000
const MESSAGES_BEFORE_START = 3
const BYTES_BEFORE_START = 8_192
const MALFORMED_FRAMES = 5
// Ours: how long the database may take. The caller hears nothing meanwhile, and Twilio has the route after `<Connect>`.
const VERIFY_MS = 4_000
// Speech of a caller who talks while we verify: five seconds of frames and what they weigh.
const HELD_MESSAGES = 250
const HELD_BYTES = 131_072

const CLOSE_CODES: Record<Exclude<GateRefusal, 'closed'>, number> = {
  too_slow: 1008,
  too_much: 1008,
  media_before_start: 1008,
  flood: 1008,
  malformed: 1003,
  binary: 1003,
  oversized: 1009,
  unauthorized: 4401,
  duplicate: 4409,
  no_room: 1013,
  unannounced: 1011,
  verify_failed: 1011,
}

const REFUSALS = {
  '4401': 'unauthorized',
  '4409': 'duplicate',
  '1013': 'no_room',
  '1011': 'unannounced',
} as const

type Held = { data: Buffer; isBinary: boolean }

/** What stands before a media socket: nothing of a call exists until its `start` was found good (T17). */
export function openGate(options: GateOptions): void {
  const { socket, clock } = options
  const flood = new FloodMeter(clock.nowMs())
  let messages = 0
  let bytes = 0
  let malformed = 0
  let start: TwilioStart | undefined
  let isOver = false
  let held: Held[] = []
  let heldBytes = 0
  let timer: Timer = clock.after(START_MS, () => refuse('too_slow'))

  const refuse = (why: GateRefusal, spent?: TwilioStart, cause?: unknown): void => {
    if (isOver) return
    isOver = true
    held = []
    timer.cancel()
    if (why !== 'closed') socket.close(CLOSE_CODES[why], why)
    options.refused?.(why, spent, cause)
  }

  const hold = (data: Buffer, isBinary: boolean): void => {
    heldBytes += data.length
    if (held.length >= HELD_MESSAGES || heldBytes > HELD_BYTES) {
      refuse('flood', start)
      return
    }
    // The buffer belongs to the socket and may be used again once we return.
    held.push({ data: Buffer.from(data), isBinary })
  }

  const admit = (started: TwilioStart): void => {
    timer.cancel()
    const deliver = options.admitted(started)
    isOver = true
    socket.onMessage(deliver)
    for (const message of held) deliver(message.data, message.isBinary)
    held = []
  }

  const verify = async (started: TwilioStart): Promise<void> => {
    start = started
    timer.cancel()
    timer = clock.after(VERIFY_MS, () => refuse('verify_failed', started))
    try {
      const verdict = await options.verify(started)
      if (isOver) return
      if (verdict === 'ok') admit(started)
      else refuse(REFUSALS[verdict])
    } catch (error) {
      refuse('verify_failed', started, error)
    }
  }

  const read = (data: Buffer): void => {
    messages++
    bytes += data.length
    if (messages > MESSAGES_BEFORE_START + malformed || bytes > BYTES_BEFORE_START) {
      refuse('too_much')
      return
    }
    const frame = parseTwilioFrame(data)
    switch (frame?.event) {
      case undefined:
        malformed++
        if (malformed > MALFORMED_FRAMES) refuse('malformed')
        break
      case 'start':
        void verify(frame)
        break
      case 'media':
        refuse('media_before_start')
        break
      default:
        break
    }
  }

  socket.onClose(() => refuse('closed', start))
  socket.onMessage((data, isBinary) => {
    if (isOver) return
    if (isBinary) refuse('binary', start)
    else if (data.length > MESSAGE_BYTES) refuse('oversized', start)
    else if (!flood.take(clock.nowMs())) refuse('flood', start)
    else if (start) hold(data, isBinary)
    else read(data)
  })
}
