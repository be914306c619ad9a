'use client'
import { useTranslations } from 'use-intl'
import { listHeldNumbers } from '#contracts/phone-numbers'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { NumberChoices } from './number-choices.tsx'

/** What an own account holds and nobody took over yet. */
export function HeldNumbers(props: {
  accountId: string
  value: string | null
  onChoose(e164: string): void
}) {
  const t = useTranslations('numbers.import.held')
  const held = useEndpoint(listHeldNumbers, { params: { carrierAccountId: props.accountId } })
  if (held.error && !held.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={held.error}
        onRetry={() => void held.refetch()}
        isRetrying={held.isFetching}
      />
    )
  }
  if (!held.data) {
    return (
      <Skeleton label={t('loading')} className="space-y-2">
        <Bone className="h-11" />
        <Bone className="h-11" />
        <Bone className="h-11" />
      </Skeleton>
    )
  }
  if (held.data.items.length === 0) return <p className="text-soft">{t('none')}</p>
  return (
    <NumberChoices
      label={t('label')}
      choices={held.data.items.map(({ e164, friendlyName, capabilities, voiceUrl }) => ({
        e164,
        // Twilio calls a number by its digits until somebody gives it a name.
        note: [
          friendlyName !== formatPhone(e164) && friendlyName,
          voiceUrl && t('answeredBy', { url: voiceUrl }),
        ]
          .filter(Boolean)
          .join(', '),
        capabilities,
      }))}
      value={props.value}
      onChoose={props.onChoose}
    />
  )
}
