// G.711 mu-law as the phone line carries it. Decode then encode is the identity for every code but
// 0x7F (minus zero), which is never emitted and reads as silence.
const BIAS = 132
const CLIP = 32_635 // the largest magnitude the eight segments reach

export const SILENCE = 0xff
export const MINUS_ZERO = 0x7f
export const SAMPLE_RATE = 8_000
export const BYTES_PER_MS = SAMPLE_RATE / 1_000

const DECODED = new Int16Array(256)
for (let code = 0; code < 256; code++) {
  const u = ~code & 255
  const exponent = (u >> 4) & 7
  const magnitude = ((((u & 15) << 3) + BIAS) << exponent) - BIAS
  DECODED[code] = u & 128 ? -magnitude : magnitude
}

function encodeSample(sample: number): number {
  const negative = sample < 0
  const magnitude = Math.min(negative ? -sample : sample, CLIP) + BIAS
  const exponent = 31 - Math.clz32(magnitude >> 7)
  const code =
    ~((negative ? 128 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 255
  return code === MINUS_ZERO ? SILENCE : code
}

export function decodeSample(code: number): number {
  return DECODED[code & 255]!
}

export function encode(pcm: Int16Array): Uint8Array {
  const coded = new Uint8Array(pcm.length)
  for (let i = 0; i < pcm.length; i++) coded[i] = encodeSample(pcm[i]!)
  return coded
}

export function decode(coded: Uint8Array): Int16Array {
  const pcm = new Int16Array(coded.length)
  for (let i = 0; i < coded.length; i++) pcm[i] = decodeSample(coded[i]!)
  return pcm
}
