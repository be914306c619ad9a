import { encode, SAMPLE_RATE } from '../speech/mulaw.ts'
import { resample } from '../speech/resample.ts'

const PCM = 1
const MULAW = 7

/** The mu-law audio of a mono WAV with PCM16 or mu-law, at any rate; undefined for anything else. */
export function readWav(bytes: Uint8Array): Uint8Array | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WAVE')
    return undefined
  let format: { code: number; channels: number; rate: number; bits: number } | undefined
  for (let at = 12; at + 8 <= view.length; ) {
    const name = view.toString('latin1', at, at + 4)
    const size = view.readUInt32LE(at + 4)
    const chunk = view.subarray(at + 8, at + 8 + size)
    if (name === 'fmt ' && chunk.length >= 16)
      format = {
        code: chunk.readUInt16LE(0),
        channels: chunk.readUInt16LE(2),
        rate: chunk.readUInt32LE(4),
        bits: chunk.readUInt16LE(14),
      }
    if (name === 'data') return format && toLine(chunk, format)
    at += 8 + size + (size % 2)
  }
  return undefined
}

function toLine(
  data: Buffer,
  { code, channels, rate, bits }: { code: number; channels: number; rate: number; bits: number },
): Uint8Array | undefined {
  if (channels !== 1) return undefined
  if (code === MULAW && bits === 8 && rate === SAMPLE_RATE) return new Uint8Array(data)
  if (code !== PCM || bits !== 16) return undefined
  const pcm = new Int16Array(data.length >> 1)
  for (let i = 0; i < pcm.length; i++) pcm[i] = data.readInt16LE(2 * i)
  return encode(resample(pcm, rate, SAMPLE_RATE))
}
