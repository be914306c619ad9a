import type { Leg } from './leg.ts'

/** The human at the far end of a leg. */
export interface Party {
  /** How long the phone rings before a called person answers. */
  readonly answersAfterMs?: number
  /** What machine detection makes of whoever answers; a person where absent. */
  readonly answeredBy?: AnsweredBy | undefined
  attached(leg: Leg): void
  hears(frame: Uint8Array): void
  ended(status: string): void
}

export const answeredBys = ['human', 'machine_start', 'fax', 'unknown'] as const
export type AnsweredBy = (typeof answeredBys)[number]

export type Answer = Party | 'busy' | 'no-answer'

/** Answers and says nothing. */
export function silentPerson(answersAfterMs = 200): Party {
  return { answersAfterMs, attached: () => {}, hears: () => {}, ended: () => {} }
}
