'use client'
import { useTranslations } from 'use-intl'
import type { PhoneNumber } from './phone-number.ts'

const kinds = ['voice', 'sms', 'mms'] as const

/** What a number can do, in words. */
export function Capabilities({ of }: { of: PhoneNumber['capabilities'] }) {
  const t = useTranslations('numbers.capabilities')
  const known = kinds.filter((kind) => of[kind])
  return <span className="whitespace-nowrap">{known.map((kind) => t(kind)).join(', ') || '–'}</span>
}
