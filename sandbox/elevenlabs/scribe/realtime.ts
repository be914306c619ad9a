import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { FaultAction } from '../../kit/faults.ts'
import { newId } from '../ids.ts'
import { textOf } from '../talk/damage.ts'
import { frameFaults } from '../talk/frame-faults.ts'
import { Hearing, type UserTurn } from '../talk/hearing.ts'
import { wireAudio } from '../talk/wire-audio.ts'
import type { World } from '../world.ts'

export const SCRIBE_PATH = '/v1/speech-to-text/realtime'

const options = z.looseObject({
  model_id: z.enum(['scribe_v2_realtime', 'scribe_v2_realtime_turbo', 'scribe_v2_realtime_lite']),
  audio_format: z.string().default('pcm_16000'),
  commit_strategy: z.enum(['manual', 'vad']).default('manual'),
  vad_silence_threshold_secs: z.coerce.number().min(0.3).max(3).default(1.5),
  vad_threshold: z.coerce.number().min(0.1).max(0.9).default(0.4),
  min_speech_duration_ms: z.coerce.number().min(50).max(2_000).default(100),
  min_silence_duration_ms: z.coerce.number().min(50).max(2_000).default(100),
  language_code: z.string().default('en'),
  include_timestamps: z.enum(['true', 'false']).default('false'),
})
const message = z.looseObject({
  message_type: z.literal('input_audio_chunk'),
  audio_base_64: z.base64(),
  commit: z.boolean(),
  sample_rate: z.number(),
})

/** Realtime transcription of one track, heard by the same ear as the agent's. */
export function serveScribe(
  world: World,
  ws: WebSocket,
  url: URL,
  isAuthorized: boolean,
  fault: FaultAction | undefined,
): void {
  const faults = frameFaults(fault, (code) =>
    code === undefined ? ws.terminate() : ws.close(code),
  )
  const send = (event: object) => {
    if (ws.readyState === ws.OPEN && faults.letThrough()) ws.send(JSON.stringify(event))
  }
  // The service takes the socket first and then says what is wrong with it.
  const refuse = (message_type: string, error: string) => {
    send({ message_type, error })
    ws.close(1008, message_type)
  }
  if (!isAuthorized) {
    refuse('auth_error', 'You must be authenticated to use this endpoint.')
    return
  }
  const asked = options.safeParse(Object.fromEntries(url.searchParams))
  if (!asked.success) {
    refuse('invalid_request', asked.error.issues[0]?.message ?? 'invalid request')
    return
  }
  const wire = wireAudio(asked.data.audio_format)
  if (!wire) {
    refuse('invalid_request', `The sandbox does not hear ${asked.data.audio_format}.`)
    return
  }
  const hasTimes = asked.data.include_timestamps === 'true'
  const isVad = asked.data.commit_strategy === 'vad'
  const commit = (turn: UserTurn) => {
    const text = textOf(world, turn, SCRIBE_PATH)
    send({ message_type: 'committed_transcript', text })
    if (!hasTimes) return
    const language_code = asked.data.language_code
    const words = timedWords(turn)
    send({ message_type: 'committed_transcript_with_timestamps', text, language_code, words })
  }
  const hearing = new Hearing({
    book: world.book,
    endOfTurnMs: isVad ? asked.data.vad_silence_threshold_secs * 1_000 : Number.POSITIVE_INFINITY,
    onStart: () => {},
    onWords: (text) => send({ message_type: 'partial_transcript', text }),
    onTurn: commit,
  })
  send({ message_type: 'session_started', session_id: newId('', 24), config: configOf(asked.data) })
  ws.on('message', (data: Buffer) => {
    const chunk = message.safeParse(parsed(data))
    if (!chunk.success) {
      refuse('input_error', chunk.error.issues[0]?.message ?? 'invalid message')
      return
    }
    hearing.hear(wire.fromWire(Buffer.from(chunk.data.audio_base_64, 'base64')))
    if (chunk.data.commit) hearing.endTurn()
  })
}

/** Words with the spaces between them, in seconds from the start of the session. */
export function timedWords({ words }: Pick<UserTurn, 'words'>) {
  return words.flatMap(({ text, startMs, endMs }, n) => {
    const [start, end] = [startMs / 1_000, endMs / 1_000]
    const word = { text, start, end, type: 'word', logprob: 0 }
    return n === 0 ? [word] : [{ text: ' ', start, end: start, type: 'spacing', logprob: 0 }, word]
  })
}

function configOf(asked: z.output<typeof options>) {
  const { include_timestamps, commit_strategy, audio_format, ...rest } = asked
  return {
    ...rest,
    audio_format,
    sample_rate: Number(/\d+/.exec(audio_format)?.[0]),
    vad_commit_strategy: commit_strategy === 'vad',
    timestamps_granularity: include_timestamps === 'true' ? 'word' : 'none',
    enable_logging: true,
  }
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
