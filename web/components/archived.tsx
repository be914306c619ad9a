'use client'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { ScreenMessage } from './screen-message.tsx'

/** In place of every screen of an organization that was closed: the API answers nothing but who one is. */
export function Archived(props: { organizationName: string; onSignOut(): void }) {
  const t = useTranslations('refusals')
  return (
    <ScreenMessage
      title={t('archived', { organization: props.organizationName })}
      action={<Button onClick={props.onSignOut}>{t('signOut')}</Button>}
    >
      <p>{t('archivedHint')}</p>
    </ScreenMessage>
  )
}
