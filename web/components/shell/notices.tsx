'use client'
import { FlaskConical, TriangleAlert, WifiOff } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Reachability } from '../../lib/api/reachability.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import type { Me } from '../../lib/session.tsx'
import { type Store, useStore } from '../../lib/store.ts'
import { Banner } from '../banner.tsx'

const linkClass = 'underline underline-offset-2 hover:text-brand'

export function SandboxNotice({ pages }: { pages: NonNullable<Me['sandbox']> }) {
  const t = useTranslations('shell.sandbox')
  const links = [
    { href: pages.softphoneUrl, label: t('softphone') },
    { href: pages.inboxUrl, label: t('inbox') },
    { href: pages.eventsUrl, label: t('events') },
  ]
  return (
    <Banner icon={<FlaskConical aria-hidden className="size-3.5 text-soft" />}>
      <span>{t('text')}</span>
      {links.map((link) => (
        <a key={link.href} href={link.href} target="_blank" rel="noreferrer" className={linkClass}>
          {link.label}
          <span className="sr-only"> {t('newTab')}</span>
        </a>
      ))}
    </Banner>
  )
}

export function OrganizationNotice(props: { status: 'paused' | 'archived' }) {
  const t = useTranslations('shell.organization')
  return (
    <Banner kind="warn" icon={<TriangleAlert aria-hidden className="size-3.5 text-warn" />}>
      {t(props.status)}
    </Banner>
  )
}

/** Says since when nothing came, and that what is on the screen may be old. */
export function ConnectionNotice({ reachability }: { reachability: Store<Reachability> }) {
  const t = useTranslations('shell.connection')
  const format = useFormat()
  const { isReachable, lastAnswerAt } = useStore(reachability, (value) => value)
  if (isReachable) return null
  return (
    // Floats, because the reader may be anywhere on a long page when the network goes.
    <div className="pointer-events-none fixed inset-x-4 bottom-4 z-40 flex justify-center">
      <p
        role="status"
        className="flex animate-appear items-center gap-2 rounded-card border border-line bg-panel px-4 py-2 shadow-float"
      >
        <WifiOff aria-hidden className="size-4 shrink-0 text-warn" />
        {lastAnswerAt ? t('since', { time: format.clock(lastAnswerAt) }) : t('never')}
      </p>
    </div>
  )
}
