import { decodeSample, SAMPLE_RATE } from '../speech/mulaw.ts'

const FIRST_BYTES = 64_000
const MAX_BYTES = 60 * 60 * SAMPLE_RATE // an hour a side; what comes after it is not kept

/** Both directions of a leg, byte for byte: left what the person said, right what the person heard. */
export class StereoTape {
  #said = new Uint8Array(FIRST_BYTES)
  #heard = new Uint8Array(FIRST_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  get durationSeconds(): number {
    return this.#length / SAMPLE_RATE
  }

  add(said: Uint8Array, heard: Uint8Array): void {
    if (this.#length + said.length > MAX_BYTES) return
    if (this.#length + said.length > this.#said.length) {
      this.#said = grown(this.#said)
      this.#heard = grown(this.#heard)
    }
    this.#said.set(said, this.#length)
    this.#heard.set(heard, this.#length)
    this.#length += said.length
  }

  said(from = 0, to = this.#length): Uint8Array {
    return this.#said.slice(from, Math.min(to, this.#length))
  }

  heard(from = 0, to = this.#length): Uint8Array {
    return this.#heard.slice(from, Math.min(to, this.#length))
  }

  forget(): void {
    this.#said = new Uint8Array(0)
    this.#heard = new Uint8Array(0)
    this.#length = 0
  }
}

/** PCM16 WAV, one channel a side. Compressing it again gives the exact bytes of the line. */
export function wav(channels: readonly Uint8Array[]): Buffer {
  const samples = channels[0]?.length ?? 0
  const blockBytes = channels.length * 2
  const out = Buffer.alloc(44 + samples * blockBytes)
  out.write('RIFF', 0, 'latin1')
  out.writeUInt32LE(out.length - 8, 4)
  out.write('WAVEfmt ', 8, 'latin1')
  out.writeUInt32LE(16, 16)
  out.writeUInt16LE(1, 20)
  out.writeUInt16LE(channels.length, 22)
  out.writeUInt32LE(SAMPLE_RATE, 24)
  out.writeUInt32LE(SAMPLE_RATE * blockBytes, 28)
  out.writeUInt16LE(blockBytes, 32)
  out.writeUInt16LE(16, 34)
  out.write('data', 36, 'latin1')
  out.writeUInt32LE(samples * blockBytes, 40)
  for (let i = 0; i < samples; i++)
    for (const [c, channel] of channels.entries())
      out.writeInt16LE(decodeSample(channel[i]!), 44 + i * blockBytes + 2 * c)
  return out
}

/** One channel out of two, as the mean: what Twilio gives for a mono recording. */
export function mixed(tape: StereoTape, from: number, to: number): Buffer {
  const [said, heard] = [tape.said(from, to), tape.heard(from, to)]
  const out = wav([said])
  for (let i = 0; i < said.length; i++)
    out.writeInt16LE(Math.round((decodeSample(said[i]!) + decodeSample(heard[i]!)) / 2), 44 + 2 * i)
  return out
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(FIRST_BYTES, bytes.length * 2))
  larger.set(bytes)
  return larger
}
