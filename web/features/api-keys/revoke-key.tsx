'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listApiKeys, revokeApiKey } from '#contracts/api-keys'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { ApiKey } from './api-keys-tab.tsx'

/** Asks before a program loses its access. */
export function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose(): void }) {
  const t = useTranslations('settings.revokeKey')
  const queries = useQueryClient()
  const revoke = useEndpointCall(revokeApiKey, {
    onSuccess: () => {
      toast(t('done', { name: apiKey.name }))
      void queries.invalidateQueries({ queryKey: endpointKey(listApiKeys) })
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('title', { name: apiKey.name })}
      effect={t('effect')}
      action={t('action')}
      isSending={revoke.isPending}
      onConfirm={() => revoke.mutate({ params: { apiKeyId: apiKey.id } })}
      failure={revoke.error}
    />
  )
}
