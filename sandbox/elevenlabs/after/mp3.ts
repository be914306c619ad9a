import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMp3Encoder } from 'wasm-media-encoders'
import { decodeSample, SAMPLE_RATE } from '../../speech/mulaw.ts'

const SLICE_SAMPLES = SAMPLE_RATE // encoded in one go; about a millisecond, so 20 ms pumps keep time
const BITRATE_KBPS = 32

/** MP3 of several mu-law tracks mixed into one, the way the service gives a call back. */
export async function mp3Of(tracks: Uint8Array[]): Promise<Buffer> {
  const encoder = await createMp3Encoder()
  encoder.configure({ channels: 1, sampleRate: SAMPLE_RATE, bitrate: BITRATE_KBPS })
  const parts: Uint8Array[] = []
  const length = Math.max(0, ...tracks.map((track) => track.length))
  for (let at = 0; at < length; at += SLICE_SAMPLES) {
    const samples = new Float32Array(Math.min(SLICE_SAMPLES, length - at))
    for (let i = 0; i < samples.length; i++) {
      let sum = 0
      for (const track of tracks) sum += decodeSample(track[at + i] ?? 0xff)
      samples[i] = Math.max(-1, Math.min(1, sum / 32_768))
    }
    parts.push(Uint8Array.from(encoder.encode([samples])))
    await nextTurn()
  }
  parts.push(Uint8Array.from(encoder.finalize()))
  return Buffer.concat(parts)
}

/** A recording holds the caller's track and then the agent's. */
export function mp3OfRecording(recording: Uint8Array): Promise<Buffer> {
  const half = recording.length / 2
  return mp3Of([recording.subarray(0, half), recording.subarray(half)])
}
