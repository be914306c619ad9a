'use client'
import { ToggleLeft } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Empty } from './empty.tsx'

/** In place of what the platform has switched off for the organization. */
export function FeatureOff() {
  const t = useTranslations('refusals')
  return <Empty icon={ToggleLeft} title={t('featureOff')} hint={t('featureOffHint')} />
}
