/** 8,000 mu-law bytes a second: a byte is a sample. */
export const BYTES_PER_MS = 8
export const SILENCE = 0xff

const decodeCode = (code: number): number => {
  const inverted = ~code & 255
  const magnitude = ((((inverted & 15) << 3) + 132) << ((inverted >> 4) & 7)) - 132
  return inverted & 128 ? -magnitude : magnitude
}

/** Mu-law code to 16-bit sample (ITU-T G.711). */
export const DECODE: Int16Array = Int16Array.from({ length: 256 }, (_, code) => decodeCode(code))

export function encodeSample(sample: number): number {
  const negative = sample < 0
  const magnitude = Math.min(negative ? -sample : sample, 32635) + 132
  const exponent = 31 - Math.clz32(magnitude >> 7)
  const code =
    ~((negative ? 128 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 255
  // 0x7F is minus zero; a voice detector that looks for bytes other than silence would take it for speech.
  return code === 0x7f ? SILENCE : code
}

/** Length of the audio that a base64 text of `textBytes` characters holds, given how many of them are padding. */
const audioBytes = (textBytes: number, padding: number): number => ((textBytes * 3) >> 2) - padding

const PADDING = 0x3d

/** The same for the text in `source[start, end)`. */
export function payloadBytes(source: Uint8Array, start: number, end: number): number {
  const padding = source[end - 1] === PADDING ? (source[end - 2] === PADDING ? 2 : 1) : 0
  return audioBytes(end - start, padding)
}
