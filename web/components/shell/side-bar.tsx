'use client'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { classes } from '../../lib/classes.ts'
import { isCurrent, type Section } from '../../lib/sections.ts'
import { Tooltip } from '../tooltip.tsx'
import { Logo } from './logo.tsx'

type NavigationProps = {
  sections: readonly Section[]
  pathname: string
  isCollapsed?: boolean
  onNavigate?: () => void
}

/** The sections as links; collapsed they are icons whose names show on hover. */
export function Navigation({ sections, pathname, isCollapsed, onNavigate }: NavigationProps) {
  const t = useTranslations('shell.sections')
  return (
    <ul className="space-y-0.5">
      {sections.map((section) => {
        const Icon = section.icon
        const isHere = isCurrent(section, pathname)
        const link = (
          <Link
            href={section.href}
            {...(isHere && { 'aria-current': 'page' })}
            {...(onNavigate && { onClick: onNavigate })}
            className={classes(
              'flex h-8 items-center gap-2.5 rounded-control px-2.5 transition-colors duration-120',
              isHere ? 'bg-ink/6 font-medium text-ink' : 'text-soft hover:bg-ink/4 hover:text-ink',
              isCollapsed && 'justify-center px-0',
            )}
          >
            <Icon aria-hidden className="size-4 shrink-0" />
            <span className={classes(isCollapsed && 'sr-only')}>{t(section.key)}</span>
          </Link>
        )
        return (
          <li key={section.key}>
            {isCollapsed ? (
              <Tooltip text={t(section.key)} side="right">
                {link}
              </Tooltip>
            ) : (
              link
            )}
          </li>
        )
      })}
    </ul>
  )
}

export function SideBar(props: NavigationProps & { onToggle(): void }) {
  const t = useTranslations('shell')
  const { isCollapsed, onToggle } = props
  const Icon = isCollapsed ? PanelLeftOpen : PanelLeftClose
  return (
    <nav
      aria-label={t('navigation')}
      className={classes(
        'sticky top-0 hidden h-dvh shrink-0 flex-col border-line border-r px-2 py-2 md:flex',
        isCollapsed ? 'w-14' : 'w-56',
      )}
    >
      <Link
        href="/"
        className={classes(
          'mb-3 flex h-8 items-center gap-2 rounded-control px-2 font-semibold',
          isCollapsed && 'justify-center px-0',
        )}
      >
        <Logo />
        <span className={classes(isCollapsed && 'sr-only')}>{t('product')}</span>
      </Link>
      <Navigation {...props} />
      <button
        type="button"
        onClick={onToggle}
        aria-expanded={!isCollapsed}
        className={classes(
          'mt-auto flex h-8 items-center gap-2.5 rounded-control px-2.5 text-soft hover:bg-ink/4 hover:text-ink',
          isCollapsed && 'justify-center px-0',
        )}
      >
        <Icon aria-hidden className="size-4 shrink-0" />
        <span className={classes(isCollapsed && 'sr-only')}>
          {isCollapsed ? t('expand') : t('collapse')}
        </span>
      </button>
    </nav>
  )
}
