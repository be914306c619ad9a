'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Logo } from '../components/shell/logo.tsx'
import { useHydrated } from '../lib/use-hydrated.ts'

/**
 * The page around Clerk's sign-in and sign-up, which come once the page is React's: where Clerk's script is there
 * sooner, they would draw at once what the server's markup has not.
 */
export function SigningFrame({ children }: { children: ReactNode }) {
  const t = useTranslations('shell')
  const isHydrated = useHydrated()
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 px-4 py-10">
      <h1 className="flex items-center gap-2 font-semibold text-lg">
        <Logo className="size-6 text-brand" />
        {t('product')}
      </h1>
      {isHydrated && children}
    </main>
  )
}
