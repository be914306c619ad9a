'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { getInvitationLink, listInvitations, resendInvitation } from '#contracts/invitations'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../components/menu.tsx'
import { SecretOnce } from '../../components/secret-once.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { Invitation } from './invitations-tab.tsx'

/** What can still be done about an invitation; nothing once it was accepted or taken back. */
export function InvitationActions(props: {
  invitation: Invitation
  onRevoke(): void
  icon: ReactNode
}) {
  const t = useTranslations('team.invitations')
  const refusal = useWriteRefusal()
  const queries = useQueryClient()
  const { id, email, status } = props.invitation
  const [shownLink, setShownLink] = useState<string | null>(null)
  const resend = useEndpointCall(resendInvitation, {
    onSuccess: () => {
      toast(t('resent', { email }))
      void queries.invalidateQueries({ queryKey: endpointKey(listInvitations) })
    },
  })
  const link = useEndpointCall(getInvitationLink, {
    // A browser that refuses to copy shows the link instead.
    onSuccess: ({ url }) =>
      void navigator.clipboard.writeText(url).then(
        () => toast(t('linkCopied')),
        () => setShownLink(url),
      ),
  })
  if (status === 'accepted' || status === 'revoked') return null
  const failure = resend.error ?? link.error
  const params = { invitationId: id }
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton label={t('actionsOf', { email })}>{props.icon}</IconButton>}
      >
        {refusal && (
          <>
            <MenuLabel>{refusal}</MenuLabel>
            <MenuLine />
          </>
        )}
        <MenuItem disabled={refusal !== null} onSelect={() => resend.mutate({ params })}>
          {t('resend')}
        </MenuItem>
        {status === 'pending' && (
          <MenuItem onSelect={() => link.mutate({ params })}>{t('copyLink')}</MenuItem>
        )}
        <MenuItem disabled={refusal !== null} onSelect={props.onRevoke}>
          {t('revoke')}
        </MenuItem>
      </Menu>
      <Dialog
        isOpen={shownLink !== null}
        onClose={() => setShownLink(null)}
        title={t('linkTitle', { email })}
        hint={t('linkHint')}
      >
        <SecretOnce label={t('link')} secret={shownLink ?? ''} className="mt-4" />
      </Dialog>
      <Dialog
        isOpen={failure !== null}
        onClose={() => {
          resend.reset()
          link.reset()
        }}
        title={t('actionFailed')}
      >
        <ErrorBox title={email} error={failure} className="mt-4" />
      </Dialog>
    </>
  )
}
