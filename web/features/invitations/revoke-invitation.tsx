'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { listInvitations, revokeInvitation } from '#contracts/invitations'
import { Confirm } from '../../components/confirm.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { Invitation } from './invitations-tab.tsx'

/** Asks before an invitation is taken back. */
export function RevokeInvitation(props: { invitation: Invitation; onClose(): void }) {
  const t = useTranslations('team.revocation')
  const queries = useQueryClient()
  const { id, email } = props.invitation
  const revoke = useEndpointCall(revokeInvitation, {
    onSuccess: () => {
      toast(t('done', { email }))
      void queries.invalidateQueries({ queryKey: endpointKey(listInvitations) })
      props.onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={props.onClose}
      title={t('title', { email })}
      effect={t('effect')}
      action={t('action')}
      isSending={revoke.isPending}
      onConfirm={() => revoke.mutate({ params: { invitationId: id } })}
      failure={revoke.error}
    />
  )
}
