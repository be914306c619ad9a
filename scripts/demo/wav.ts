const PCM = 1

/** The channels of a PCM16 WAV file, each as mu-law bytes. */
export function readWav(wav: Uint8Array): { sampleRate: number; channels: Uint8Array[] } {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength)
  const tag = (at: number) => String.fromCharCode(...wav.subarray(at, at + 4))
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('this is no WAV file')
  let at = 12
  let format: { kind: number; channels: number; sampleRate: number; bits: number } | null = null
  while (at + 8 <= wav.byteLength) {
    const size = view.getUint32(at + 4, true)
    if (tag(at) === 'fmt ')
      format = {
        kind: view.getUint16(at + 8, true),
        channels: view.getUint16(at + 10, true),
        sampleRate: view.getUint32(at + 12, true),
        bits: view.getUint16(at + 22, true),
      }
    if (tag(at) === 'data') {
      if (!format || format.kind !== PCM || format.bits !== 16) throw new Error('this is not PCM16')
      const { channels, sampleRate } = format
      const frames = Math.floor(size / 2 / channels)
      return {
        sampleRate,
        channels: Array.from({ length: channels }, (_, channel) =>
          Uint8Array.from({ length: frames }, (_frame, index) =>
            toMulaw(view.getInt16(at + 8 + (index * channels + channel) * 2, true)),
          ),
        ),
      }
    }
    at += 8 + size + (size % 2)
  }
  throw new Error('the WAV file holds no data')
}

/** G.711; minus zero becomes silence, as on the line. */
function toMulaw(sample: number): number {
  const negative = sample < 0
  const magnitude = Math.min(negative ? -sample : sample, 32_635) + 132
  const exponent = 31 - Math.clz32(magnitude >> 7)
  const code =
    ~((negative ? 128 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 255
  return code === 0x7f ? 0xff : code
}
