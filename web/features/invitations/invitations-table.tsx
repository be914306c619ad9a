'use client'
import { Ellipsis } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useNow } from '../../lib/use-now.ts'
import { InvitationActions } from './invitation-actions.tsx'
import { InvitationStatusChip } from './invitation-status.tsx'
import type { Invitation } from './invitations-tab.tsx'

const NOW_MS = 60_000

export function InvitationsTable(props: {
  invitations: readonly Invitation[]
  onRevoke(invitation: Invitation): void
}) {
  const t = useTranslations('team.invitations')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onRevoke)}
      rows={props.invitations}
      rowKey={(invitation) => invitation.id}
    />
  )
}

function useColumns(onRevoke: (invitation: Invitation) => void): Column<Invitation>[] {
  const t = useTranslations('team.invitations')
  const roleName = useTranslations('shell.roles')
  const now = useNow(NOW_MS)
  return useMemo(
    () => [
      {
        key: 'email',
        header: t('columns.email'),
        className: 'max-w-0 w-[36%] font-medium',
        cell: ({ email }) => (
          <span className="block truncate" title={email}>
            {email}
          </span>
        ),
      },
      { key: 'role', header: t('columns.role'), from: 'sm', cell: ({ role }) => roleName(role) },
      {
        key: 'status',
        header: t('columns.status'),
        cell: ({ status }) => <InvitationStatusChip status={status} />,
      },
      {
        key: 'sent',
        header: t('columns.sent'),
        from: 'md',
        cell: ({ sentAt, undeliverableAt, status }) => {
          if (sentAt) return <Moment at={sentAt} now={now} />
          if (undeliverableAt) return <span className="text-bad">{t('undeliverable')}</span>
          return <span className="text-soft">{status === 'pending' ? t('sending') : '–'}</span>
        },
      },
      {
        key: 'expires',
        header: t('columns.expires'),
        from: 'sm',
        cell: ({ expiresAt, status }) =>
          status === 'pending' || status === 'expired' ? (
            <Moment at={expiresAt} now={now} />
          ) : (
            <span aria-hidden className="text-soft">
              –
            </span>
          ),
      },
      {
        key: 'by',
        header: t('columns.by'),
        from: 'lg',
        cell: ({ invitedBy }) => (
          <span className="block max-w-40 truncate text-soft">{invitedBy ?? '–'}</span>
        ),
      },
      {
        key: 'actions',
        header: <span className="sr-only">{t('columns.actions')}</span>,
        className: 'w-12 text-right',
        cell: (invitation) => (
          <InvitationActions
            invitation={invitation}
            onRevoke={() => onRevoke(invitation)}
            icon={<Ellipsis aria-hidden className="size-4" />}
          />
        ),
      },
    ],
    [t, roleName, now, onRevoke],
  )
}
