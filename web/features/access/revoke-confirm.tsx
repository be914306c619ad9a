'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listPlatformAdmins, revokePlatformRole } from '#contracts/access'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { PlatformAdmin } from './roles-desk.tsx'

/** Asks before a role of the platform is taken away. */
export function RevokeConfirm({ admin, onClose }: { admin: PlatformAdmin; onClose(): void }) {
  const t = useTranslations('platform.people')
  const queries = useQueryClient()
  const name = admin.name || admin.email
  const revoke = useEndpointCall(revokePlatformRole, {
    onSuccess: () => {
      toast(t('revoked', { name }))
      onClose()
      void queries.invalidateQueries({ queryKey: endpointKey(listPlatformAdmins) })
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('revokeOf', { name })}
      effect={t('revokeEffect', { name })}
      action={t('revoke')}
      isSending={revoke.isPending}
      failure={revoke.error}
      onConfirm={() => revoke.mutate({ params: { userId: admin.userId } })}
    />
  )
}
