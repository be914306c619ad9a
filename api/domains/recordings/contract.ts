import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'

const params = z.strictObject({ callId: z.uuid() })
const resources = { callId: 'call' }

export const getPeaks = endpoint({
  method: 'GET',
  path: '/v1/calls/:callId/recording/peaks',
  permission: 'calls.read-own',
  summary: 'The waveform of a recording, a channel a side',
  params,
  response: z.object({
    durationMs: z.int(),
    /** Peaks per second of audio. */
    perSecond: z.number(),
    /** 0 to 1, the customer's channel. */
    customer: z.array(z.number()),
    agent: z.array(z.number()),
  }),
  resources,
})

export const createRecordingLink = endpoint({
  method: 'POST',
  path: '/v1/calls/:callId/recording/links',
  permission: 'calls.read-own',
  summary: 'A link, good for five minutes, that an audio element can play; opening it is audited',
  status: 201,
  params,
  response: z.object({ url: z.string(), expiresAt: instant }),
  resources,
})

export const getRecordingAudio = endpoint({
  method: 'GET',
  path: '/v1/recordings/:token/audio',
  permission: 'anyone',
  limit: 'signed-links',
  summary: 'The stereo WAV behind a signed link, with range requests',
  params: z.strictObject({ token: z.string().min(20).max(600) }),
  response: z.unknown(),
  bytes: { contentTypes: ['audio/wav'] },
})
