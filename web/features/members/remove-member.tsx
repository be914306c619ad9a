'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { getMe } from '#contracts/access'
import { listMembers, removeMember } from '#contracts/members'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import type { Member } from './members-tab.tsx'

/** Asks before somebody loses access; oneself included. */
export function RemoveMember({ member, onClose }: { member: Member; onClose(): void }) {
  const t = useTranslations('team.removal')
  const queries = useQueryClient()
  const isMyself = useMe().userId === member.userId
  const name = member.name || member.email
  const remove = useEndpointCall(removeMember, {
    onSuccess: () => {
      toast(t('done', { name }))
      void queries.invalidateQueries({ queryKey: endpointKey(listMembers) })
      if (isMyself) void queries.invalidateQueries({ queryKey: endpointKey(getMe) })
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={isMyself ? t('titleOwn') : t('title', { name })}
      effect={isMyself ? t('effectOwn') : t('effect')}
      action={isMyself ? t('leave') : t('remove')}
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { memberId: member.id } })}
      failure={remove.error}
    />
  )
}
