'use client'
import { useTranslations } from 'use-intl'
import { disconnectCarrierAccount } from '#contracts/carrier-accounts'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { type CarrierAccount, nameOf } from './carrier-account.ts'
import { useRefreshAccounts } from './use-refresh-accounts.ts'

/** Asks before a token is forgotten; the API refuses while numbers need it. */
export function Disconnect({ account, onClose }: { account: CarrierAccount; onClose(): void }) {
  const t = useTranslations('numbers.accounts.disconnect')
  const refresh = useRefreshAccounts()
  const name = nameOf(account)
  const disconnect = useEndpointCall(disconnectCarrierAccount, {
    onSuccess: () => {
      toast(t('done', { name }))
      void refresh()
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('title', { name })}
      effect={t('effect')}
      action={t('action')}
      isSending={disconnect.isPending}
      onConfirm={() => disconnect.mutate({ params: { carrierAccountId: account.id } })}
      failure={disconnect.error}
    />
  )
}
