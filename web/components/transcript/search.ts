export type Match = { turn: number; start: number; end: number }

export const MAX_MATCHES = 1_000 // "e" in a long call; more marks than this help nobody.

/** Where the words stand in the turns, without regard to case or accents that change no length. */
export function findMatches(texts: readonly string[], query: string): Match[] {
  const wanted = query.trim().toLocaleLowerCase()
  if (wanted === '') return []
  const matches: Match[] = []
  for (const [turn, text] of texts.entries()) {
    const lowered = text.toLocaleLowerCase()
    let start = lowered.indexOf(wanted)
    while (start !== -1 && matches.length < MAX_MATCHES) {
      matches.push({ turn, start, end: start + wanted.length })
      start = lowered.indexOf(wanted, start + wanted.length)
    }
  }
  return matches
}

/** The place after this one, round and round. */
export const stepMatch = (current: number, count: number, direction: 1 | -1): number =>
  count === 0 ? 0 : (current + direction + count) % count

export type Piece = { text: string; match: number | null; offset: number }

/** A text from `offset` on, cut at its matches; `matches` are those of its turn, with their place in the whole list. */
export function cutAtMatches(
  text: string,
  offset: number,
  matches: readonly { start: number; end: number; index: number }[],
): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { start, end, index } of matches) {
    const from = Math.max(at, start - offset)
    const to = Math.min(text.length, end - offset)
    if (to <= from) continue
    if (from > at) pieces.push({ text: text.slice(at, from), match: null, offset: offset + at })
    pieces.push({ text: text.slice(from, to), match: index, offset: offset + from })
    at = to
  }
  if (at < text.length) pieces.push({ text: text.slice(at), match: null, offset: offset + at })
  return pieces
}

/** The turn that is being said at a moment: the last one that has begun. -1 before the first. */
export function turnAt(turns: readonly { startMs: number }[], ms: number): number {
  let low = 0
  let high = turns.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((turns[middle]?.startMs ?? 0) <= ms) low = middle + 1
    else high = middle
  }
  return low - 1
}
