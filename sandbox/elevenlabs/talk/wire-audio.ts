import { decode, encode } from '../../speech/mulaw.ts'

/** Carries the sandbox's mu-law in the format an agent asks for. Whole multiples of 8 kHz only:
 *  samples are held and dropped, so a byte that goes through comes out as it was. */
export type WireAudio = {
  name: string
  toWire(ulaw: Uint8Array): Uint8Array
  fromWire(bytes: Uint8Array): Uint8Array
}

const MULTIPLES: Record<string, number> = { pcm_8000: 1, pcm_16000: 2, pcm_24000: 3, pcm_48000: 6 }

export function wireAudio(format: string): WireAudio | undefined {
  if (format === 'ulaw_8000')
    return { name: format, toWire: (ulaw) => ulaw, fromWire: (bytes) => bytes }
  const times = MULTIPLES[format]
  if (times === undefined) return undefined
  return {
    name: format,
    toWire: (ulaw) => hold(decode(ulaw), times),
    fromWire: (bytes) => encode(drop(bytes, times)),
  }
}

function hold(pcm: Int16Array, times: number): Uint8Array {
  const out = Buffer.alloc(pcm.length * times * 2)
  for (let i = 0; i < pcm.length * times; i++)
    out.writeInt16LE(pcm[Math.floor(i / times)] ?? 0, i * 2)
  return out
}

function drop(bytes: Uint8Array, times: number): Int16Array {
  const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pcm = new Int16Array(Math.floor(from.length / 2 / times))
  for (let i = 0; i < pcm.length; i++) pcm[i] = from.readInt16LE(i * 2 * times)
  return pcm
}
