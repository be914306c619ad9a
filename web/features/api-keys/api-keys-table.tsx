'use client'
import { Ban, CircleCheck, Clock } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { ApiKey } from './api-keys-tab.tsx'

const NOW_MS = 60_000

export function ApiKeysTable(props: {
  apiKeys: readonly ApiKey[]
  onRevoke(apiKey: ApiKey): void
}) {
  const t = useTranslations('settings.apiKeys')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onRevoke)}
      rows={props.apiKeys}
      rowKey={(key) => key.id}
    />
  )
}

type KeyState = 'active' | 'expired' | 'revoked'

const looks = {
  active: { icon: CircleCheck, tone: 'ok' },
  expired: { icon: Clock, tone: 'warn' },
  revoked: { icon: Ban, tone: 'neutral' },
} as const

export function stateOf(key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: Date): KeyState {
  if (key.revokedAt) return 'revoked'
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'active'
}

function useColumns(onRevoke: (apiKey: ApiKey) => void): Column<ApiKey>[] {
  const t = useTranslations('settings.apiKeys')
  const now = useNow(NOW_MS)
  const refusal = useWriteRefusal()
  return useMemo(
    () => [
      {
        key: 'name',
        header: t('columns.name'),
        className: 'max-w-0 w-[34%] py-1.5',
        cell: (key) => (
          <>
            <span className="block truncate font-medium">{key.name}</span>
            <code className="block truncate text-soft text-xs">vox_…{key.lastFour}</code>
          </>
        ),
      },
      {
        key: 'state',
        header: t('columns.state'),
        cell: (key) => {
          const state = stateOf(key, now)
          return <StatusChip {...looks[state]} label={t(`states.${state}`)} isTight />
        },
      },
      {
        key: 'permissions',
        header: t('columns.permissions'),
        from: 'sm',
        cell: (key) => (
          <span title={key.permissions.join('\n')}>
            {t('rights', { count: key.permissions.length })}
          </span>
        ),
      },
      {
        key: 'used',
        header: t('columns.used'),
        from: 'md',
        cell: (key) =>
          key.lastUsedAt ? (
            <Moment at={key.lastUsedAt} now={now} style="ago" />
          ) : (
            <span className="text-soft">{t('never')}</span>
          ),
      },
      {
        key: 'expires',
        header: t('columns.expires'),
        from: 'md',
        cell: (key) =>
          key.expiresAt ? (
            <Moment at={key.expiresAt} now={now} />
          ) : (
            <span className="text-soft">{t('never')}</span>
          ),
      },
      {
        key: 'created',
        header: t('columns.created'),
        from: 'lg',
        sort: 'descending',
        cell: (key) => <Moment at={key.createdAt} now={now} />,
      },
      {
        key: 'revoke',
        header: <span className="sr-only">{t('columns.revoke')}</span>,
        className: 'text-right',
        cell: (key) =>
          !key.revokedAt && (
            <GuardedButton
              kind="quiet"
              size="small"
              refusal={refusal}
              aria-label={t('revokeNamed', { name: key.name })}
              onClick={() => onRevoke(key)}
            >
              {t('revoke')}
            </GuardedButton>
          ),
      },
    ],
    [t, now, refusal, onRevoke],
  )
}
