'use client'
import { useMemo } from 'react'
import { useLocale } from 'use-intl'

/** A language by its code, in the reader's own. */
export function useLanguageName(): (code: string) => string {
  const locale = useLocale()
  return useMemo(() => {
    const names = new Intl.DisplayNames(locale, { type: 'language' })
    return (code) => names.of(code) ?? code
  }, [locale])
}
