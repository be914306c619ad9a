'use client'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'

/** A signing secret, shown a single time. */
export function SecretDialog(props: { title: string; secret: string; onClose(): void }) {
  const t = useTranslations('settings.webhooks.secretDialog')
  return (
    <Dialog
      isOpen
      onClose={props.onClose}
      title={props.title}
      isWide
      actions={
        <Button kind="primary" onClick={props.onClose}>
          {t('kept')}
        </Button>
      }
    >
      <SecretOnce label={t('label')} secret={props.secret} className="mt-4" />
      <p className="mt-3 text-soft">{t('use')}</p>
    </Dialog>
  )
}
