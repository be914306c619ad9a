'use client'
import { Menu as MenuIcon } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Section } from '../../lib/sections.ts'
import { usePreferences } from '../../lib/use-preferences.tsx'
import { IconButton } from '../icon-button.tsx'
import { Navigation, SideBar } from './side-bar.tsx'

// Dialogs are not needed to draw a screen, so their code comes when one is opened.
const Sheet = lazy(() => import('../dialog.tsx').then(({ Sheet }) => ({ default: Sheet })))

/** The frame of every screen: side bar (a sheet when narrow), notices, top bar, content. */
export function Shell(props: {
  sections: readonly Section[]
  pathname: string
  organizationName: string | null
  notices?: ReactNode
  pills?: ReactNode
  userMenu: ReactNode
  children: ReactNode
}) {
  const t = useTranslations('shell')
  const { preferences, change } = usePreferences()
  const [isSheetOpen, setSheetOpen] = useState(false)
  const hasNavigation = props.sections.length > 0
  const isCollapsed = preferences.isSidebarCollapsed
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-control bg-brand px-3 py-1.5 font-medium text-brand-ink focus:translate-y-0"
      >
        {t('skip')}
      </a>
      {hasNavigation && (
        <SideBar
          sections={props.sections}
          pathname={props.pathname}
          isCollapsed={isCollapsed}
          onToggle={() => change({ isSidebarCollapsed: !isCollapsed })}
        />
      )}
      <div className="flex min-w-0 grow flex-col">
        {props.notices && (
          <section aria-label={t('notices')} data-screen-only>
            {props.notices}
          </section>
        )}
        <header
          data-shell
          className="sticky top-0 z-30 flex h-12 shrink-0 items-center gap-2 border-line border-b bg-bg/90 px-3 backdrop-blur md:px-6"
        >
          {hasNavigation && (
            <>
              <IconButton
                label={t('openNavigation')}
                className="-ml-1 md:hidden"
                onClick={() => setSheetOpen(true)}
              >
                <MenuIcon aria-hidden className="size-4" />
              </IconButton>
              {isSheetOpen && (
                <Suspense fallback={null}>
                  <Sheet isOpen onClose={() => setSheetOpen(false)} title={t('product')}>
                    <nav aria-label={t('navigation')} className="mt-3">
                      <Navigation
                        sections={props.sections}
                        pathname={props.pathname}
                        onNavigate={() => setSheetOpen(false)}
                      />
                    </nav>
                  </Sheet>
                </Suspense>
              )}
            </>
          )}
          <span className="min-w-0 grow truncate font-medium">{props.organizationName}</span>
          {props.pills}
          {props.userMenu}
        </header>
        <main id="main" tabIndex={-1} className="flex min-w-0 grow flex-col outline-none">
          {props.children}
        </main>
      </div>
    </div>
  )
}
