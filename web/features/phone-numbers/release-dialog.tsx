'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { getPhoneNumber, releasePhoneNumber } from '#contracts/phone-numbers'
import { Confirm } from '../../components/confirm.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import type { PhoneNumber } from './phone-number.ts'
import { useRefreshNumbers } from './use-refresh-numbers.ts'

const ways = ['stays', 'goes'] as const

/** Asks for the number itself before it is given up. One of an own account may stay there. */
export function ReleaseDialog({ number, onClose }: { number: PhoneNumber; onClose(): void }) {
  const t = useTranslations('numbers.release')
  const queries = useQueryClient()
  const refresh = useRefreshNumbers()
  const isOwn = number.carrierAccountId !== null
  const [stays, setStays] = useState<(typeof ways)[number]>(isOwn ? 'stays' : 'goes')
  const params = { phoneNumberId: number.id }
  const phone = formatPhone(number.e164)
  const release = useEndpointCall(releasePhoneNumber, {
    onSuccess: (released) => {
      queries.setQueryData(endpointKey(getPhoneNumber, { params }), released)
      toast(t('done', { phone }))
      void refresh()
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('title', { phone })}
      effect={t('effect')}
      action={t('action')}
      typedName={number.e164}
      isSending={release.isPending}
      onConfirm={() =>
        release.mutate({
          params,
          body: { staysAtCarrier: stays === 'stays', confirmE164: number.e164 },
        })
      }
      failure={release.error}
    >
      {isOwn ? (
        <RadioCards
          label={t('then')}
          value={stays}
          options={ways.map((value) => ({ value, label: t(value), hint: t(`${value}Hint`) }))}
          onChange={(way) => setStays(way)}
        />
      ) : (
        <p>{t('goesHint')}</p>
      )}
    </Confirm>
  )
}
