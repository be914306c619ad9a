export type TextPart =
  | { kind: 'before' | 'after' | 'same'; text: string }
  /** Lines both sides have, too many to be shown. */
  | { kind: 'gap'; count: number }

const MAX_LINES = 600 // The table below grows with the square; longer texts are shown whole.
const NEAR_LINES = 1 // Shown around a change, so that it can be placed.

/** What became of a text, line by line; a text of one line is shown whole on both sides. */
export function lineDiff(before: string, after: string): TextPart[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  if (old.length + now.length > MAX_LINES) {
    return [
      { kind: 'before', text: before },
      { kind: 'after', text: after },
    ]
  }
  return withGaps(changes(old, now))
}

type Line = { kind: 'before' | 'after' | 'same'; text: string }

/** The shortest way from one list of lines to the other, by their longest common part. */
function changes(old: readonly string[], now: readonly string[]): Line[] {
  const common = commonLengths(old, now)
  const at = (row: number, column: number) => common[row]?.[column] ?? 0
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < old.length || column < now.length) {
    const [left, right] = [old[row], now[column]]
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left })
      row += 1
      column += 1
    } else if (
      left !== undefined &&
      (right === undefined || at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push({ kind: 'before', text: left })
      row += 1
    } else {
      lines.push({ kind: 'after', text: right ?? '' })
      column += 1
    }
  }
  return lines
}

/** How many lines two texts have in common from each pair of places on. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () =>
    new Array<number>(now.length + 1).fill(0),
  )
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      const here = lengths[row]
      if (!here) continue
      const below = lengths[row + 1]
      here[column] =
        old[row] === now[column]
          ? (below?.[column + 1] ?? 0) + 1
          : Math.max(below?.[column] ?? 0, here[column + 1] ?? 0)
    }
  }
  return lengths
}

/** Leaves out what is the same on both sides, but for the lines around a change. */
function withGaps(lines: readonly Line[]): TextPart[] {
  const isNear = lines.map((_, place) =>
    lines
      .slice(Math.max(0, place - NEAR_LINES), place + NEAR_LINES + 1)
      .some((line) => line.kind !== 'same'),
  )
  const parts: TextPart[] = []
  lines.forEach((line, place) => {
    const last = parts.at(-1)
    if (line.kind !== 'same' || isNear[place]) parts.push(line)
    else if (last?.kind === 'gap') last.count += 1
    else parts.push({ kind: 'gap', count: 1 })
  })
  return parts
}
