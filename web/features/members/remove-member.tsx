'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listMembers, removeMember } from '#contracts/members'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import { LeaveOrganization } from './leave-organization.tsx'
import type { Member } from './members-tab.tsx'

/** Asks before somebody loses access; oneself included. */
export function RemoveMember(props: { member: Member; onClose(): void }) {
  const isMyself = useMe().userId === props.member.userId
  return isMyself ? <LeaveOrganization onClose={props.onClose} /> : <RemoveOther {...props} />
}

function RemoveOther({ member, onClose }: { member: Member; onClose(): void }) {
  const t = useTranslations('team.removal')
  const queries = useQueryClient()
  const name = member.name || member.email
  const remove = useEndpointCall(removeMember, {
    onSuccess: () => {
      toast(t('done', { name }))
      void queries.invalidateQueries({ queryKey: endpointKey(listMembers) })
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={t('title', { name })}
      effect={t('effect')}
      action={t('remove')}
      isSending={remove.isPending}
      onConfirm={() => remove.mutate({ params: { memberId: member.id } })}
      failure={remove.error}
    />
  )
}
