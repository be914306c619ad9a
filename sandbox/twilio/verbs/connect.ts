import { Recording, type RecordingOptions } from '../recording.ts'
import { elementsOf, type XmlElement } from '../xml.ts'
import {
  addressIn,
  methodOf,
  type Outcome,
  unlessInterrupted,
  type VerbContext,
} from './context.ts'
import { findStream, openStream, streamRequest } from './stream.ts'

/** Blocks until the socket is closed or lost; then its action, or else the next verb. */
export async function connect(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  const [noun] = elementsOf(element)
  const stream = noun && openStream(cx.world, cx.leg, streamRequest(cx, noun, true))
  try {
    if (stream) await unlessInterrupted(cx.signal, stream.ended)
  } finally {
    stream?.stop()
  }
  const { action } = element.attributes
  return action ? { url: addressIn(cx, action), method: methodOf(element) } : 'next'
}

/** Instantaneous: what it starts goes on beside the verbs that follow. */
export async function start(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  for (const noun of elementsOf(element)) {
    if (noun.name === 'Stream') openStream(cx.world, cx.leg, streamRequest(cx, noun, false))
    else new Recording(cx.world, cx.leg, recordingOptions(cx, noun))
  }
  return 'next'
}

export async function stop(cx: VerbContext, element: XmlElement): Promise<Outcome> {
  for (const { attributes } of elementsOf(element))
    if (attributes.name) findStream(cx.leg, attributes.name)?.stop()
  return 'next'
}

export function recordingOptions(cx: VerbContext, noun: XmlElement): RecordingOptions {
  const { channels, track, recordingStatusCallback, recordingStatusCallbackEvent } = noun.attributes
  return {
    channels: channels === 'mono' ? 1 : 2,
    track: track === 'inbound' || track === 'outbound' ? track : 'both',
    source: 'StartCallRecordingAPI',
    callback: recordingStatusCallback
      ? {
          url: addressIn(cx, recordingStatusCallback),
          method: methodOf(noun, 'recordingStatusCallbackMethod'),
          events: (recordingStatusCallbackEvent ?? 'completed').split(' '),
        }
      : undefined,
  }
}
