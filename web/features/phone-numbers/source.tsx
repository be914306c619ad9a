'use client'
import { Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { carrierAccount } from '#contracts/carrier-accounts'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'

export const PLATFORM = 'platform'

export type Connect = (props: {
  onConnected(carrierAccountId: string): void
  onClose(): void
}) => ReactNode

type Accounts = {
  data: { items: readonly z.output<typeof carrierAccount>[] } | undefined
  error: unknown
  isFetching: boolean
  refetch(): unknown
}

/** The platform's Twilio account or one of the organization's own, which can be connected on the spot. */
export function Source(props: {
  accounts: Accounts
  value: string | null
  onChange(from: string): void
  connect: Connect
}) {
  const t = useTranslations('numbers.import.from')
  const refusal = useWriteRefusal()
  const { accounts, onChange } = props
  const [isConnecting, setConnecting] = useState(false)
  if (accounts.error && !accounts.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={accounts.error}
        onRetry={() => void accounts.refetch()}
        isRetrying={accounts.isFetching}
      />
    )
  }
  if (!accounts.data) {
    return (
      <Skeleton label={t('loading')} className="space-y-2">
        <Bone className="h-14" />
        <Bone className="h-14" />
      </Skeleton>
    )
  }
  const own = accounts.data.items.map(({ id, label, twilioAccountSid, state }) => ({
    value: id,
    label: label || twilioAccountSid,
    hint: state === 'refused' ? t('refused') : t('own', { sid: twilioAccountSid }),
  }))
  return (
    <>
      <RadioCards
        label={t('label')}
        value={props.value}
        options={[{ value: PLATFORM, label: t('platform'), hint: t('platformHint') }, ...own]}
        onChange={onChange}
      />
      <GuardedButton refusal={refusal} onClick={() => setConnecting(true)}>
        <Plus aria-hidden className="size-4" />
        {t('connect')}
      </GuardedButton>
      {isConnecting &&
        props.connect({ onConnected: onChange, onClose: () => setConnecting(false) })}
    </>
  )
}
