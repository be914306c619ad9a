'use client'
import { useTranslations } from 'use-intl'
import { useMe } from './session.tsx'

/** Why nothing of the organization can be changed now, for the buttons that would; null where it can. */
export function useWriteRefusal(): string | null {
  const t = useTranslations('refusals')
  const { membership } = useMe()
  return membership && membership.organizationStatus !== 'active' ? t('paused') : null
}
