'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Button } from '../components/button.tsx'
import { NotFound } from '../components/refusals.tsx'
import { paths } from '../lib/paths.ts'

export default function NotFoundPage() {
  const t = useTranslations('refusals')
  return (
    <main>
      <NotFound title={t('noPage')} hint={t('noPageHint')}>
        <Button asChild>
          <Link href={paths.home()}>{t('home')}</Link>
        </Button>
      </NotFound>
    </main>
  )
}
