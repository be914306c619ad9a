import { z } from 'zod'
import { fallbackKinds, updatePhoneNumber } from '#contracts/phone-numbers'
import { toE164 } from '../../lib/format/e164.ts'
import type { Fallback, PhoneNumber } from './phone-number.ts'

const { label, route, maxConcurrentCalls } = updatePhoneNumber.body.shape
const MAX_SPOKEN = 400 // The contract's own bound of what is said to a caller.

/** What is typed of a number: each kind of fallback keeps its words while another one is looked at. */
export const formSchema = (messages: { badNumber: string }) =>
  z.object({
    label: label.unwrap(),
    /** Empty for none. */
    agentId: z.string(),
    route: route.unwrap(),
    maxConcurrentCalls: maxConcurrentCalls.unwrap(),
    fallback: z
      .object({ kind: z.enum(fallbackKinds), text: z.string().max(MAX_SPOKEN), to: z.string() })
      .superRefine(({ kind, text, to }, context) => {
        if (isSpoken(kind) && text.trim() === '') {
          context.addIssue({
            code: 'too_small',
            origin: 'string',
            minimum: 1,
            inclusive: true,
            input: text,
            path: ['text'],
          })
        }
        if (kind === 'forward' && !toE164(to)) {
          context.addIssue({ code: 'custom', message: messages.badNumber, path: ['to'] })
        }
      }),
  })

/** What a number is taken over with. */
export const wantedSchema = z.object({
  label: label.unwrap(),
  agentId: z.string(),
  route: route.unwrap(),
})

export type NumberValues = z.input<ReturnType<typeof formSchema>>
type Change = z.input<typeof updatePhoneNumber.body>

export const isSpoken = (kind: Fallback['kind']): kind is 'message' | 'voicemail' =>
  kind === 'message' || kind === 'voicemail'

export const valuesOf = (number: PhoneNumber): NumberValues => ({
  label: number.label,
  agentId: number.agentId ?? '',
  route: number.route,
  maxConcurrentCalls: number.maxConcurrentCalls,
  fallback: {
    kind: number.fallback.kind,
    text: 'text' in number.fallback ? number.fallback.text : '',
    to: 'to' in number.fallback ? number.fallback.to : '',
  },
})

/** The values that differ from those the form began with. */
export function toChange(values: NumberValues, begun: NumberValues): Change {
  const before = bodyOf(begun)
  const entries = Object.entries(bodyOf(values))
  return Object.fromEntries(
    entries.filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Change]),
    ),
  )
}

const bodyOf = (values: NumberValues): Change => ({
  label: values.label.trim(),
  agentId: values.agentId || null,
  route: values.route,
  maxConcurrentCalls: values.maxConcurrentCalls,
  fallback: fallbackOf(values.fallback),
})

export function fallbackOf({ kind, text, to }: NumberValues['fallback']): Fallback {
  if (isSpoken(kind)) return { kind, text: text.trim() }
  return kind === 'forward' ? { kind, to: toE164(to) ?? to } : { kind: 'none' }
}
