import { DEFAULT_VOICE_ID } from '#api/contract/agent-spec.ts'
import type { TestStep } from '#api/contract/agent-test.ts'
import type { Context } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { Broken } from '../runs/broken.ts'

const AT_ONCE = 3 // ElevenLabs lets small plans have a few requests at a time

/** What the caller says, as mu-law: spoken before the call begins, so that nobody waits for it on the line. */
export type Lines = ReadonlyMap<string, Uint8Array>

export async function speakLines(ctx: Context, steps: readonly TestStep[]): Promise<Lines> {
  const waiting = [...new Set(steps.flatMap(lineOf))]
  const lines = new Map<string, Uint8Array>()
  await Promise.all(Array.from({ length: AT_ONCE }, speakOn))
  return lines

  async function speakOn(): Promise<void> {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift())
      lines.set(text, await speak(ctx, text))
  }
}

function lineOf(step: TestStep): string[] {
  if ('says' in step) return [step.says]
  return 'interrupts' in step ? [step.interrupts] : []
}

async function speak(ctx: Context, text: string): Promise<Uint8Array> {
  try {
    return await ctx.vendors.elevenLabs.speak(DEFAULT_VOICE_ID, text)
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    throw new Broken('speech_failed', error.words ?? error.message, { cause: error })
  }
}
