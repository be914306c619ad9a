import type { World } from '../world.ts'
import type { UserTurn } from './hearing.ts'

export const INAUDIBLE = '[inaudible]'

/** Counts and notes speech that did not arrive as it was rendered; the text a listener is left with. */
export function textOf(world: World, { text, damage }: UserTurn, path: string): string {
  if (!damage) return text
  const { nearest, bytes } = damage
  world.unrecognised++
  world.journal.record({
    vendor: 'elevenlabs',
    kind: 'note',
    path,
    note: 'unrecognised speech',
    body: nearest
      ? { bytes, nearest: { ...nearest, utterance: nearest.utterance.text } }
      : { bytes },
  })
  return text ? `${text} ${INAUDIBLE}` : INAUDIBLE
}
