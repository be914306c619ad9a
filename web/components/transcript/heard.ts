import type { Turn } from '#contracts/transcripts'

/** A turn's text, parted where the other side stopped hearing it. */
export type HeardParts = { heard: string; unheard: string }

export function partHeard(turn: Pick<Turn, 'text' | 'heard' | 'heardText'>): HeardParts {
  if (turn.heard === 'heard') return { heard: turn.text, unheard: '' }
  if (turn.heard === 'never_played') return { heard: '', unheard: turn.text }
  const heardText = turn.heardText ?? ''
  // The vendor's correction may differ in punctuation from what was said; then only its own text is known to be heard.
  if (!turn.text.startsWith(heardText)) return { heard: heardText, unheard: '' }
  return { heard: heardText, unheard: turn.text.slice(heardText.length) }
}
