'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Logo } from '../components/shell/logo.tsx'

/** The page around Clerk's sign-in and sign-up. */
export function SigningFrame({ children }: { children: ReactNode }) {
  const t = useTranslations('shell')
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 px-4 py-10">
      <h1 className="flex items-center gap-2 font-semibold text-lg">
        <Logo className="size-6 text-brand" />
        {t('product')}
      </h1>
      {children}
    </main>
  )
}
