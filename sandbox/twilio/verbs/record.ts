import { MINUS_ZERO, SILENCE } from '../../speech/mulaw.ts'
import { Recording } from '../recording.ts'
import type { XmlElement } from '../xml.ts'
import {
  addressIn,
  methodOf,
  numberOf,
  type Outcome,
  passTime,
  type VerbContext,
} from './context.ts'

const MAX_SECONDS = 3_600
const SILENCE_SECONDS = 5
const ANY_KEY = '1234567890*#'
const LOOK_MS = 20

/** Records the caller until silence, a key or the longest time; a hang-up ends it as well. Without its beep. */
export async function record(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const { attributes } = element
  const recording = new Recording(cx.world, cx.leg, {
    channels: 1,
    track: 'inbound',
    source: 'RecordVerb',
    callback: attributes.recordingStatusCallback
      ? {
          url: addressIn(cx, attributes.recordingStatusCallback),
          method: methodOf(element, 'recordingStatusCallbackMethod'),
          events: (attributes.recordingStatusCallbackEvent ?? 'completed').split(' '),
        }
      : undefined,
  })
  const wasSpoken = await untilOver(cx, element)
  recording.stop()
  // Twilio asks nothing about a recording on which nobody spoke.
  if (!wasSpoken) return 'next'
  return {
    url: addressIn(cx, attributes.action ?? cx.base ?? ''),
    method: methodOf(element),
    params: {
      RecordingSid: recording.sid,
      RecordingUrl: recording.mediaUrl(),
      RecordingDuration: String(Math.round(recording.durationSeconds)),
    },
  }
}

async function untilOver(cx: VerbContext, element: XmlElement): Promise<boolean> {
  const { clock } = cx.world
  const startedAt = clock.now()
  const silenceMs = numberOf(element, 'timeout', SILENCE_SECONDS) * 1_000
  const endsAt = startedAt + numberOf(element, 'maxLength', MAX_SECONDS) * 1_000
  const keys = element.attributes.finishOnKey ?? ANY_KEY
  let wasSpoken = false
  let lastAt = startedAt
  const stop = cx.leg.line.listen((said) => {
    if (!said.some((byte) => byte !== SILENCE && byte !== MINUS_ZERO)) return
    wasSpoken = true
    lastAt = clock.now()
  })
  try {
    while (clock.now() < endsAt && clock.now() - lastAt < silenceMs) {
      const key = [...cx.leg.digits].findIndex((digit) => keys.includes(digit))
      if (key >= 0) {
        cx.leg.digits = cx.leg.digits.slice(key + 1)
        break
      }
      await passTime(cx, LOOK_MS)
    }
    return wasSpoken
  } finally {
    stop()
  }
}
