import { encode, SAMPLE_RATE } from '../../speech/mulaw.ts'
import { resample } from '../../speech/resample.ts'

const PCM = 1
const MULAW = 7
const MAX_CHANNELS = 8

/** The channels of a WAV with PCM16 or mu-law as mu-law at 8 kHz; undefined for anything else. */
export function wavChannels(file: Buffer): Uint8Array[] | undefined {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    return undefined
  let format: Buffer | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const size = file.readUInt32LE(at + 4)
    const chunk = file.subarray(at + 8, at + 8 + size)
    const name = file.toString('latin1', at, at + 4)
    if (name === 'fmt ' && chunk.length >= 16) format = chunk
    if (name === 'data') return format && separate(chunk, format)
    at += 8 + size + (size % 2)
  }
  return undefined
}

function separate(data: Buffer, format: Buffer): Uint8Array[] | undefined {
  const code = format.readUInt16LE(0)
  const channels = format.readUInt16LE(2)
  const rate = format.readUInt32LE(4)
  const bits = format.readUInt16LE(14)
  if (channels < 1 || channels > MAX_CHANNELS) return undefined
  const each = Array.from({ length: channels }, (_, channel) => channel)
  if (code === MULAW && bits === 8 && rate === SAMPLE_RATE) {
    const length = Math.floor(data.length / channels)
    return each.map((c) => Uint8Array.from({ length }, (_, i) => data[i * channels + c] ?? 0xff))
  }
  if (code !== PCM || bits !== 16) return undefined
  const length = Math.floor(data.length / 2 / channels)
  return each.map((c) => {
    const pcm = Int16Array.from({ length }, (_, i) => data.readInt16LE(2 * (i * channels + c)))
    return encode(resample(pcm, rate, SAMPLE_RATE))
  })
}
