'use client'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import type { TypedDraft } from './merge.ts'

/** Every name a place in a draft is made of, ours and those ElevenLabs' copy has flat. */
const names = [
  'prompt',
  'firstMessage',
  'variables',
  'language',
  'voiceId',
  'llm',
  'temperature',
  'turn',
  'timeoutSeconds',
  'eagerness',
  'isInterruptible',
  'tools',
  'endCall',
  'keypad',
  'transfers',
  'webhooks',
  'documentIds',
  'dataCollection',
  'criteria',
  'maxDurationSeconds',
  'name',
  'turnTimeoutSeconds',
  'turnEagerness',
  'toolIds',
  'url',
  'method',
  'parameters',
  'value',
  'description',
  'default',
  'goal',
  'number',
  'condition',
  'type',
  'required',
] as const

/** `tools.webhooks.0.url` as a person would say it: "Webhooks, book_slot, address". */
export function usePlaceWords(draft: TypedDraft): (path: string) => string {
  const t = useTranslations('agents.places')
  return useCallback(
    (path) => {
      let held: unknown = draft
      const words = path.split('.').flatMap((segment) => {
        held = partOf(held, segment)
        if (segment === 'tools') return []
        const name = names.find((each) => each === segment)
        if (name) return [t(name)]
        return [/^\d+$/.test(segment) ? (nameOf(held) ?? `${Number(segment) + 1}`) : segment]
      })
      return words.join(', ')
    },
    [t, draft],
  )
}

const partOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(Object(value)).find(([name]) => name === key)?.[1]
    : undefined

/** What an entry of a list is called, where it says so. */
function nameOf(value: unknown): string | null {
  const named = partOf(value, 'name') ?? partOf(value, 'number')
  return typeof named === 'string' && named !== '' ? named : null
}
