'use client'
import { useTheme } from 'next-themes'
import { lazy, Suspense } from 'react'
import { useTranslations } from 'use-intl'

const Toaster = lazy(() => import('sonner').then((file) => ({ default: file.Toaster })))

const UNDO_MS = 6_000 // Time to notice a slip and reach the button.
const READ_MS = 4_000

/** Where toasts appear; once, in the frame. */
export function Toasts() {
  const t = useTranslations('common')
  const { resolvedTheme } = useTheme()
  return (
    <Suspense fallback={null}>
      <Toaster
        position="bottom-right"
        theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
        containerAriaLabel={t('notifications')}
        toastOptions={{
          unstyled: true,
          classNames: {
            toast:
              'flex w-full items-center gap-3 rounded-card font-sans border border-line bg-panel px-4 py-3 text-ink text-sm shadow-float',
            title: 'font-normal',
            actionButton: 'ml-auto shrink-0 rounded-control px-2 py-1 font-medium text-brand',
          },
        }}
      />
    </Suspense>
  )
}

/** Says politely that something was done; with `undo` it can be taken back for a moment. */
export function toast(text: string, undo?: { label: string; run(): void }): void {
  void import('sonner').then((file) =>
    file.toast(text, {
      duration: undo ? UNDO_MS : READ_MS,
      ...(undo && { action: { label: undo.label, onClick: undo.run } }),
    }),
  )
}
