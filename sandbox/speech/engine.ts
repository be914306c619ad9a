import { espeakEngine } from './espeak.ts'
import { formantEngine } from './formant.ts'
import type { SpeechEngine } from './utterance.ts'

export const engineNames = ['espeak', 'formant'] as const
export type EngineName = (typeof engineNames)[number]

/** The voice asked for; the built-in one when espeak-ng is not installed, and then says why. */
export async function speechEngine(
  wanted: EngineName,
): Promise<{ engine: SpeechEngine; fallbackBecause?: string }> {
  if (wanted === 'formant') return { engine: formantEngine() }
  try {
    return { engine: await espeakEngine() }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { engine: formantEngine(), fallbackBecause: why }
  }
}
