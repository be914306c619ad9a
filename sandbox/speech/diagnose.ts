import type { Utterance } from './utterance.ts'

export type Diagnosis = {
  utterance: Utterance
  goodBlocks: number
  blocks: number
  /** Milliseconds into the utterance at which it first went wrong. */
  firstBadMs: number
  note: string
}

type Shift = { at: number; by: number }
type Match = { good: number; blocks: number; firstBad: number; inOrder: boolean; moves: Shift[] }

const BLOCK_BYTES = 40 // 5 ms: small enough to place one lost frame, long enough not to repeat
const SIGN = 0x80
const NEARLY_SILENT = 0xfc // of either sign, from here on: quieter than 28 of 32,768, and all alike
const MAX_PLACES = 64 // a block that repeats more often says nothing about where it belongs

/** What was it meant to be, and where did it go wrong? A block search like rsync's, on failure only. */
export function diagnose(known: Iterable<Utterance>, heard: Uint8Array): Diagnosis | undefined {
  const places = placesOf(heard)
  let best: Diagnosis | undefined
  for (const utterance of known) {
    const match = compare(utterance.audio, places)
    if (match.good === 0) continue
    if (best && match.good / match.blocks <= best.goodBlocks / best.blocks) continue
    const firstBad =
      match.firstBad < 0 ? (match.moves[0]?.at ?? utterance.audio.length) : match.firstBad
    best = {
      utterance,
      goodBlocks: match.good,
      blocks: match.blocks,
      firstBadMs: Math.round(firstBad / 8),
      note: describe(match),
    }
  }
  return best
}

function placesOf(heard: Uint8Array): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (let i = 0; i + BLOCK_BYTES <= heard.length; i++) {
    const key = blockAt(heard, i)
    const known = places.get(key)
    if (!known) places.set(key, [i])
    else if (known.length < MAX_PLACES) known.push(i)
  }
  return places
}

function compare(audio: Uint8Array, places: Map<string, number[]>): Match {
  const match: Match = { good: 0, blocks: 0, firstBad: -1, inOrder: true, moves: [] }
  let last = -1
  let shift = 0
  for (let i = 0; i + BLOCK_BYTES <= audio.length; i += BLOCK_BYTES) {
    if (isNearlySilent(audio, i)) continue
    match.blocks++
    const hits = places.get(blockAt(audio, i))
    if (!hits) {
      if (match.firstBad < 0) match.firstBad = i
      continue
    }
    match.good++
    const at = hits.find((hit) => hit > last) ?? hits[0]!
    if (at < last) match.inOrder = false
    const moved = at - i - shift
    if (moved !== 0) match.moves.push({ at: i, by: moved })
    shift = at - i
    last = at
  }
  return match
}

function describe({ inOrder, moves }: Match): string {
  if (!inOrder) return 'out of order'
  const lost = moves.reduce((sum, move) => sum - Math.min(0, move.by), 0)
  const inserted = moves.reduce((sum, move) => sum + Math.max(0, move.by), 0)
  if (lost > 0) return `lost ${lost} bytes`
  if (inserted > 0) return `inserted ${inserted} bytes`
  return 'altered in place'
}

function blockAt(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, BLOCK_BYTES).toString('latin1')
}

function isNearlySilent(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + BLOCK_BYTES; i++) if ((bytes[i]! | SIGN) < NEARLY_SILENT) return false
  return true
}
