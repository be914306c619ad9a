'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { paths } from '../lib/paths.ts'
import { useMe } from '../lib/session.tsx'
import { Button } from './button.tsx'
import { ScreenMessage } from './screen-message.tsx'

/** The route exists, the right to it does not: who can grant it, and a way out. Never a redirect. */
export function Forbidden() {
  const t = useTranslations('refusals')
  const { membership, platformRole } = useMe()
  const isOutside = platformRole !== null && !membership
  return (
    <ScreenMessage
      title={t('forbidden')}
      action={
        <Button asChild>
          <Link href={paths.home()}>{t('home')}</Link>
        </Button>
      }
    >
      <p>{t(isOutside ? `outside.${platformRole}` : 'forbiddenHint')}</p>
    </ScreenMessage>
  )
}

/** Also for what belongs to another organization: the two must look alike. */
export const NotFound = (props: { title: string; hint: string; children: ReactNode }) => (
  <ScreenMessage title={props.title} action={props.children}>
    <p>{props.hint}</p>
  </ScreenMessage>
)
