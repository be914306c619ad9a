'use client'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { ScreenMessage } from '../../components/screen-message.tsx'
import { useMe } from '../../lib/session.tsx'

/** For a person who has an account and no organization: what to do, under which address. */
export function NoOrganization(props: {
  onSignOut(): void
  onCheckAgain(): void
  isChecking: boolean
}) {
  const t = useTranslations('noOrganization')
  const { email } = useMe()
  return (
    <ScreenMessage
      title={t('title')}
      action={
        <>
          <Button kind="primary" onClick={props.onCheckAgain} disabled={props.isChecking}>
            {t('checkAgain')}
          </Button>
          <Button onClick={props.onSignOut}>{t('signOut')}</Button>
        </>
      }
    >
      <p>{t('hint')}</p>
      <p>
        {t.rich('address', {
          email,
          strong: (text) => <strong className="font-medium text-ink">{text}</strong>,
        })}
      </p>
    </ScreenMessage>
  )
}
