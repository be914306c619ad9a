import { z } from 'zod'
import type { Step } from '../twilio/caller.ts'

const MAX_STEPS = 200 // a scripted call of an hour
const MAX_TEXT_CHARACTERS = 4_000 // what the phrase book takes in one turn
const MAX_WAIT_MS = 600_000

export const spokenText = z.string().trim().min(1).max(MAX_TEXT_CHARACTERS)
export const voice = z.string().regex(/^[a-z]{2,3}(-[a-z0-9-]+)?(\/\d{1,3}){0,2}$/, {
  error: 'is language/pitch/rate, e.g. en-us/50/165',
})
export const phoneNumber = z
  .string()
  .transform((text) => text.replace(/[\s().-]/g, ''))
  .refine((text) => /^\+[1-9]\d{6,14}$/.test(text), {
    error: 'must be a phone number with its country code, like +15550100001',
  })
export const keys = z
  .string()
  .regex(/^[0-9A-D*#w]{1,50}$/, { error: 'are 0-9, *, # and w to wait' })
const waitMs = z.number().int().min(0).max(MAX_WAIT_MS)

const limit = { timeoutMs: waitMs.optional() }
const step = z.union([
  z.strictObject({ say: spokenText, voice: voice.optional(), ...limit }),
  z.strictObject({ press: keys, ...limit }),
  z.strictObject({ pause: waitMs, ...limit }),
  z.strictObject({ hear: z.string().nullable(), ...limit }),
  z.strictObject({ interrupt: spokenText, afterMs: waitMs, voice: voice.optional(), ...limit }),
  z.strictObject({ hangUp: z.literal(true), ...limit }),
  z.strictObject({ waitForEnd: z.literal(true), ...limit }),
])

/** What a scripted caller does, one after the other. */
export const script = z
  .array(step)
  .min(1)
  .max(MAX_STEPS)
  .transform((steps) => steps.map(withoutUndefined))

// An absent field and one that is undefined are different things to the caller's type.
function withoutUndefined(made: z.infer<typeof step>): Step {
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as Step
}
