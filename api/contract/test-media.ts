import { z } from 'zod'

/** The media stream of a test call, whose caller is a page of the console or a worker: a carrier's frames. */
export type MediaAddress = {
  organizationId: string
  callId: string
  mediaUrl: string
  streamToken: string
}

export const FRAME_MS = 20

/** What a gateway sends, as a carrier gets it. */
export const fromGateway = z.discriminatedUnion('event', [
  z.object({ event: z.literal('media'), media: z.object({ payload: z.string() }) }),
  z.object({ event: z.literal('mark'), mark: z.object({ name: z.string() }) }),
  z.object({ event: z.literal('clear') }),
])

/** Which call this is, and the token that opens it. */
export const startFrame = (
  { organizationId, callId, streamToken }: MediaAddress,
  streamSid: string,
): object => ({
  event: 'start',
  sequenceNumber: '1',
  streamSid,
  start: {
    // The carrier's ids have a form; a call that has none of its own brings ours in it.
    accountSid: `AC${'0'.repeat(32)}`,
    callSid: `CA${callId.replaceAll('-', '')}`,
    streamSid,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
    customParameters: { organizationId, callId, token: streamToken },
  },
})

/** 20 ms of the caller, counted from 1. */
export const mediaFrame = (number: number, payload: string, streamSid: string): object => ({
  event: 'media',
  sequenceNumber: String(number + 1),
  media: {
    track: 'inbound',
    chunk: String(number),
    timestamp: String(number * FRAME_MS),
    payload,
  },
  streamSid,
})

export const keyFrame = (digit: string, streamSid: string): object => ({
  event: 'dtmf',
  streamSid,
  dtmf: { track: 'inbound_track', digit },
})
