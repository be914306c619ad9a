'use client'
import { useTranslations } from 'use-intl'
import { ScreenMessage } from '../../components/screen-message.tsx'
import { useMe } from '../../lib/session.tsx'

/** What a platform role may see and what it may not. */
export function PlatformOverview() {
  const t = useTranslations('platform')
  const { platformRole } = useMe()
  if (!platformRole) return null
  return (
    <ScreenMessage title={t('title')} note={t('apiNote')}>
      <p>{t(`roles.${platformRole}`)}</p>
      <p>{t('outside')}</p>
    </ScreenMessage>
  )
}
