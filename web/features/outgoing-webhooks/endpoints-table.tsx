'use client'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useNow } from '../../lib/use-now.ts'
import { EndpointState } from './endpoint-state.tsx'
import type { WebhookEndpoint } from './webhooks-tab.tsx'

const NOW_MS = 60_000

export function EndpointsTable(props: {
  endpoints: readonly WebhookEndpoint[]
  onOpen(endpointId: string): void
}) {
  const t = useTranslations('settings.webhooks')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onOpen)}
      rows={props.endpoints}
      rowKey={(endpoint) => endpoint.id}
      onPick={props.onOpen}
      onOpen={props.onOpen}
    />
  )
}

function useColumns(onOpen: (endpointId: string) => void): Column<WebhookEndpoint>[] {
  const t = useTranslations('settings.webhooks')
  const now = useNow(NOW_MS)
  return useMemo(
    () => [
      {
        key: 'url',
        header: t('columns.url'),
        className: 'max-w-0 w-[50%] font-medium',
        cell: (endpoint) => (
          <button
            type="button"
            data-row-action
            title={endpoint.url}
            onClick={() => onOpen(endpoint.id)}
            className="block max-w-full truncate rounded-sm"
          >
            {endpoint.url}
          </button>
        ),
      },
      {
        key: 'state',
        header: t('columns.state'),
        cell: (endpoint) => <EndpointState endpoint={endpoint} />,
      },
      {
        key: 'events',
        header: t('columns.events'),
        from: 'sm',
        cell: (endpoint) => (
          <span title={endpoint.events.join('\n')}>
            {t('events', { count: endpoint.events.length })}
          </span>
        ),
      },
      {
        key: 'failures',
        header: t('columns.failures'),
        from: 'md',
        isNumeric: true,
        cell: (endpoint) => endpoint.failures,
      },
      {
        key: 'created',
        header: t('columns.created'),
        from: 'md',
        sort: 'descending',
        cell: (endpoint) => <Moment at={endpoint.createdAt} now={now} />,
      },
    ],
    [t, now, onOpen],
  )
}
