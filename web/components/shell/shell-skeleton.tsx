'use client'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { usePreferences } from '../../lib/use-preferences.tsx'
import { Bone, Skeleton } from '../skeleton.tsx'
import { Logo } from './logo.tsx'

/** The frame before it is known who is signed in: the same lines, no words. */
export function ShellSkeleton() {
  const t = useTranslations('shell')
  const isCollapsed = usePreferences().preferences.isSidebarCollapsed
  return (
    <main className="flex min-h-dvh">
      <div
        className={classes(
          'hidden shrink-0 border-line border-r px-4 py-3.5 md:block',
          isCollapsed ? 'w-14' : 'w-56',
        )}
      >
        <Logo />
      </div>
      <div className="min-w-0 grow">
        <div className="h-12 border-line border-b" />
        <Skeleton label={t('loading')} className="space-y-4 px-4 py-6 md:px-6">
          <Bone className="h-5 w-32" />
          <Bone className="w-full max-w-xl" />
          <Bone className="w-full max-w-lg" />
        </Skeleton>
      </div>
    </main>
  )
}
