'use client'
import { useTranslations } from 'use-intl'
import { ErrorBox } from '../../components/error-box.tsx'

/** A screen that broke while it was drawn; the shell around it stays usable. */
export default function ScreenError(props: { error: Error; reset(): void }) {
  const t = useTranslations('errors')
  return (
    <div className="p-4 md:p-6">
      <ErrorBox title={t('screen')} error={props.error} onRetry={props.reset} />
    </div>
  )
}
