'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { listPlatformAdmins, type platformAdmin } from '#contracts/access'
import { Button } from '../../components/button.tsx'
import { ChangedBy } from '../../components/changed-by.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useMe } from '../../lib/session.tsx'
import { usePlatformPeople } from '../../lib/use-platform-people.ts'

const GrantDialog = lazy(() =>
  import('./grant-dialog.tsx').then((file) => ({ default: file.GrantDialog })),
)
const RevokeConfirm = lazy(() =>
  import('./revoke-confirm.tsx').then((file) => ({ default: file.RevokeConfirm })),
)

export type PlatformAdmin = z.output<typeof platformAdmin>

/** Who holds a role of the platform, and by what right. */
export function RolesDesk() {
  const t = useTranslations('platform.people')
  const admins = useEndpoint(listPlatformAdmins, {})
  const [isGranting, setGranting] = useState(false)
  const [revoked, revoke] = useState<PlatformAdmin | null>(null)
  if (admins.isPending) return <TableSkeleton label={t('loading')} />
  if (!admins.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={admins.error}
        onRetry={() => void admins.refetch()}
        isRetrying={admins.isFetching}
      />
    )
  }
  return (
    <div className="space-y-4">
      <Button onClick={() => setGranting(true)}>{t('grant')}</Button>
      <RoleTable admins={admins.data.items} onRevoke={revoke} />
      <p className="text-soft text-xs">{t('allowListHint')}</p>
      <Suspense fallback={null}>
        {isGranting && <GrantDialog onClose={() => setGranting(false)} />}
        {revoked && <RevokeConfirm admin={revoked} onClose={() => revoke(null)} />}
      </Suspense>
    </div>
  )
}

function RoleTable(props: {
  admins: readonly PlatformAdmin[]
  onRevoke(admin: PlatformAdmin): void
}) {
  const t = useTranslations('platform.people')
  const tRole = useTranslations('shell.roles')
  const people = usePlatformPeople()
  return (
    <DataTable
      caption={t('caption')}
      rows={props.admins}
      rowKey={(row) => `${row.userId} ${row.origin}`}
      isInCard
      className="rounded-card border border-line bg-panel"
      columns={[
        {
          key: 'person',
          header: t('columns.person'),
          className: 'w-full max-w-0 py-1.5',
          cell: (row) => (
            <>
              <span className="block truncate font-medium">{row.name}</span>
              <span className="block truncate text-soft text-xs">{row.email}</span>
            </>
          ),
        },
        {
          key: 'role',
          header: t('columns.role'),
          cell: (row) => <span className="whitespace-nowrap">{tRole(row.role)}</span>,
        },
        {
          key: 'origin',
          header: t('columns.origin'),
          from: 'sm',
          className: 'min-w-44',
          cell: (row) =>
            row.origin === 'allow-list' ? (
              <span className="text-soft text-xs">{t('allowList')}</span>
            ) : (
              <ChangedBy
                actorId={row.grantedByUserId}
                people={people}
                at={row.grantedAt}
                reason={null}
              />
            ),
        },
        {
          key: 'revoke',
          header: <span className="sr-only">{t('columns.revoke')}</span>,
          cell: (row) => <Revoke admin={row} onRevoke={() => props.onRevoke(row)} />,
        },
      ]}
    />
  )
}

function Revoke({ admin, onRevoke }: { admin: PlatformAdmin; onRevoke(): void }) {
  const t = useTranslations('platform.people')
  const { userId } = useMe()
  const refusal =
    admin.origin === 'allow-list'
      ? t('refusals.allowList')
      : admin.userId === userId
        ? t('refusals.own')
        : null
  return (
    <GuardedButton
      size="small"
      refusal={refusal}
      aria-label={t('revokeOf', { name: admin.name || admin.email })}
      onClick={onRevoke}
    >
      {t('revoke')}
    </GuardedButton>
  )
}
