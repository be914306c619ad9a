import { type FileHandle, open } from 'node:fs/promises'
import { DECODE, SILENCE } from './mulaw.ts'

const HEAD_BYTES = 44
const SAMPLE_RATE = 8_000
const CHANNELS = 2
const SAMPLE_BYTES = 2
const FRAME_BYTES = CHANNELS * SAMPLE_BYTES
const PIECE_SAMPLES = 65_536 // eight seconds: a quarter megabyte at a time, however long the call

/** Writes two mu-law lanes as a stereo WAV of 16-bit samples, which every browser plays. */
export async function writeStereoWav(
  path: string,
  left: Uint8Array,
  right: Uint8Array,
  samples: number,
): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.appendFile(wavHead(samples))
    for (let from = 0; from < samples; from += PIECE_SAMPLES)
      await writePiece(file, left, right, from, Math.min(samples, from + PIECE_SAMPLES))
  } finally {
    await file.close()
  }
}

async function writePiece(
  file: FileHandle,
  left: Uint8Array,
  right: Uint8Array,
  from: number,
  to: number,
): Promise<void> {
  // WAV is little-endian, and so is every machine we run on.
  const piece = new Int16Array((to - from) * CHANNELS)
  for (let sample = from, at = 0; sample < to; sample++) {
    piece[at++] = DECODE[left[sample] ?? SILENCE]!
    piece[at++] = DECODE[right[sample] ?? SILENCE]!
  }
  await file.appendFile(new Uint8Array(piece.buffer))
}

function wavHead(samples: number): Buffer {
  const dataBytes = samples * FRAME_BYTES
  const head = Buffer.alloc(HEAD_BYTES)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(HEAD_BYTES - 8 + dataBytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20) // PCM
  head.writeUInt16LE(CHANNELS, 22)
  head.writeUInt32LE(SAMPLE_RATE, 24)
  head.writeUInt32LE(SAMPLE_RATE * FRAME_BYTES, 28)
  head.writeUInt16LE(FRAME_BYTES, 32)
  head.writeUInt16LE(SAMPLE_BYTES * 8, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(dataBytes, 40)
  return head
}
