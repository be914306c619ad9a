'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listDoNotCallNumbers, removeDoNotCallNumber } from '#contracts/do-not-call'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import type { DoNotCallNumber } from './do-not-call-list.tsx'

/** Asks before somebody who said no can be called again. */
export function RemoveNumber(props: { number: DoNotCallNumber; onClose(): void }) {
  const t = useTranslations('doNotCall.removal')
  const queries = useQueryClient()
  const phone = formatPhone(props.number.number)
  const remove = useEndpointCall(removeDoNotCallNumber, {
    onSuccess: () => {
      toast(t('done', { phone }))
      void queries.invalidateQueries({ queryKey: endpointKey(listDoNotCallNumbers) })
      props.onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={props.onClose}
      title={t('title', { phone })}
      effect={t('effect')}
      action={t('action')}
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { doNotCallNumberId: props.number.id } })}
      failure={remove.error}
    />
  )
}
