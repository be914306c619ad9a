import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'

export const turn = z.object({
  seq: z.int(),
  speaker: z.enum(['customer', 'agent', 'rep']),
  text: z.string(),
  /** What the other side really heard of it: all, a beginning, or nothing. */
  heard: z.enum(['heard', 'cut', 'never_played']),
  heardText: z.string().nullable(),
  startMs: z.int(),
  endMs: z.int(),
})
export type Turn = z.output<typeof turn>

export const MAX_TURNS = 5_000 // Four hours at a turn every three seconds; a call cannot be longer.

export const getTranscript = endpoint({
  method: 'GET',
  path: '/v1/calls/:callId/transcript',
  permission: 'calls.read-own',
  summary: 'All turns of a call, in order',
  params: z.strictObject({ callId: z.uuid() }),
  response: z.object({ turns: z.array(turn) }),
  resources: { callId: 'call' },
})
