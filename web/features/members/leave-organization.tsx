'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { getMe } from '#contracts/access'
import { leaveOrganization, listMembers } from '#contracts/members'
import { Confirm } from '../../components/confirm.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'

/** Asks before somebody gives up their own membership; afterwards they belong nowhere. */
export function LeaveOrganization({ onClose }: { onClose(): void }) {
  const t = useTranslations('team.removal')
  const queries = useQueryClient()
  const leave = useEndpointCall(leaveOrganization, {
    onSuccess: () => {
      for (const declared of [getMe, listMembers])
        void queries.invalidateQueries({ queryKey: endpointKey(declared) })
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('titleOwn')}
      effect={t('effectOwn')}
      action={t('leave')}
      isSending={leave.isPending}
      onConfirm={() => leave.mutate({})}
      failure={leave.error}
    />
  )
}
