import { complain } from '../documents.ts'
import type { Leg } from '../leg.ts'
import { MediaStream, type StreamEvent, type StreamTrack } from '../media-stream.ts'
import { refuseStreamUrl } from '../twiml.ts'
import { type Method, sendWebhook } from '../webhook.ts'
import type { World } from '../world.ts'
import { elementsOf, type XmlElement } from '../xml.ts'
import { addressIn, methodOf, type VerbContext } from './context.ts'

export type StreamRequest = {
  url: string
  name: string | undefined
  track: string | undefined
  isBidirectional: boolean
  parameters: Record<string, string>
  statusCallback: { url: string; method: Method } | undefined
}

const MAX_STREAMS_PER_LEG = 4

/** Opens a media stream on a leg, or says why it would not be opened. */
export function openStream(
  world: World,
  leg: Leg,
  request: StreamRequest,
): MediaStream | undefined {
  const why = refuse(leg, request)
  if (why) {
    complain(world, leg, 31923, why, request.url)
    return undefined
  }
  const { callback, ready } = callbackOf(world, leg, request)
  const stream = new MediaStream({
    url: request.url,
    name: request.name,
    accountSid: world.account.sid,
    authToken: world.account.authToken,
    callSid: leg.callSid,
    tracks: request.isBidirectional ? ['inbound'] : tracksOf(request.track),
    parameters: request.parameters,
    ...(request.isBidirectional ? { playback: leg.line.playback } : {}),
    journal: world.journal,
    faults: world.faults,
    log: (happening) => leg.happened(happening),
    tell: callback,
  })
  ready(stream)
  leg.streams.add(stream)
  void stream.ended.then(() => leg.streams.delete(stream))
  return stream
}

export function streamRequest(
  cx: VerbContext,
  stream: XmlElement,
  isBidirectional: boolean,
): StreamRequest {
  const { url = '', name, track, statusCallback } = stream.attributes
  const parameters = elementsOf(stream).map(({ attributes }) => [
    attributes.name!,
    attributes.value!,
  ])
  return {
    url,
    name,
    track,
    isBidirectional,
    parameters: Object.fromEntries(parameters),
    statusCallback: statusCallback
      ? { url: addressIn(cx, statusCallback), method: methodOf(stream, 'statusCallbackMethod') }
      : undefined,
  }
}

export function findStream(leg: Leg, nameOrSid: string): MediaStream | undefined {
  return [...leg.streams].find(({ sid, options }) => [sid, options.name].includes(nameOrSid))
}

function refuse(
  leg: Leg,
  { url, isBidirectional, track, name }: StreamRequest,
): string | undefined {
  const open = [...leg.streams]
  if (isBidirectional && open.some((stream) => stream.isBidirectional))
    return 'The call has a bidirectional stream already.'
  if (isBidirectional && track !== undefined && track !== 'inbound_track')
    return 'A bidirectional stream carries the inbound track only.'
  if (name !== undefined && findStream(leg, name)) return `The name ${name} is taken.`
  if (open.length >= MAX_STREAMS_PER_LEG) return 'The call has too many streams.'
  return refuseStreamUrl(url)
}

function tracksOf(track: string | undefined): readonly StreamTrack[] {
  if (track === 'both_tracks') return ['inbound', 'outbound']
  return track === 'outbound_track' ? ['outbound'] : ['inbound']
}

function callbackOf(world: World, leg: Leg, request: StreamRequest) {
  const { promise, resolve } = Promise.withResolvers<MediaStream>()
  const callback = async (event: StreamEvent, error?: string) => {
    const { statusCallback, name } = request
    if (!statusCallback) return
    const { sid } = await promise
    await sendWebhook(world, statusCallback.url, statusCallback.method, {
      AccountSid: world.account.sid,
      CallSid: leg.callSid,
      StreamSid: sid,
      StreamName: name ?? sid,
      StreamEvent: event,
      ...(error === undefined ? {} : { StreamError: error }),
      Timestamp: new Date().toISOString(),
    })
  }
  return {
    callback: (event: StreamEvent, error?: string) => void callback(event, error),
    ready: resolve,
  }
}
