'use client'
import { CircleCheck, CircleDashed, Inbox, SearchX } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { listWebhookDeliveries, type webhookDelivery } from '#contracts/operations'
import { Button } from '../../components/button.tsx'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { type DeliveryStatus, useVendorName, type Vendor } from './vendors.ts'

const ReplayConfirm = lazy(() =>
  import('./replay-confirm.tsx').then((file) => ({ default: file.ReplayConfirm })),
)

const NOW_MS = 30_000

export type Delivery = z.output<typeof webhookDelivery>

/** What vendors delivered and what became of it. */
export function Deliveries(props: { vendor: Vendor | null; status: DeliveryStatus | null }) {
  const t = useTranslations('platform.webhooks')
  const { vendor, status } = props
  const [asked, ask] = useState<Delivery | null>(null)
  const list = useEndpointPages(listWebhookDeliveries, {
    query: { ...(vendor && { vendor }), ...(status && { status }) },
  })
  const columns = useColumns(ask)
  return (
    <>
      <GrowingList
        list={list}
        loading={t('loadingReceived')}
        failed={t('receivedFailed')}
        end={t('allShown')}
        empty={
          vendor || status ? (
            <Empty icon={SearchX} title={t('noneMatch')} hint={t('noneMatchHint')} />
          ) : (
            <Empty icon={Inbox} title={t('neverReceived')} hint={t('neverReceivedHint')} />
          )
        }
      >
        {(rows) => (
          <DataTable
            caption={t('tabs.received')}
            columns={columns}
            rows={rows}
            rowKey={(row) => `${row.vendor} ${row.deliveryId}`}
          />
        )}
      </GrowingList>
      {asked && (
        <Suspense fallback={null}>
          <ReplayConfirm delivery={asked} onClose={() => ask(null)} />
        </Suspense>
      )}
    </>
  )
}

function useColumns(onReplay: (delivery: Delivery) => void): Column<Delivery>[] {
  const t = useTranslations('platform.webhooks')
  const vendorName = useVendorName()
  const mayReplay = useMay('system.write')
  const now = useNow(NOW_MS)
  const columns: (Column<Delivery> | false)[] = [
    {
      key: 'kind',
      header: t('columns.kind'),
      className: 'w-full max-w-0 py-1.5',
      cell: (row) => (
        <>
          <span className="block truncate" title={row.kind}>
            <span className="font-medium">{vendorName(row.vendor)}</span> {row.kind}
          </span>
          <JsonView data={row.subject} />
        </>
      ),
    },
    {
      key: 'received',
      header: t('columns.received'),
      sort: 'descending',
      cell: (row) => <Moment at={row.receivedAt} now={now} />,
    },
    {
      key: 'outcome',
      header: t('columns.outcome'),
      from: 'sm',
      cell: (row) => <Outcome delivery={row} />,
    },
    {
      key: 'attempts',
      header: t('columns.attempts'),
      isNumeric: true,
      from: 'md',
      cell: (row) => row.attempts,
    },
    mayReplay && {
      key: 'replay',
      header: <span className="sr-only">{t('columns.replay')}</span>,
      cell: (row) => (
        <Button
          size="small"
          aria-label={t('replayOf', { kind: row.kind, id: row.deliveryId })}
          onClick={() => onReplay(row)}
        >
          {t('replay')}
        </Button>
      ),
    },
  ]
  return columns.filter((column) => column !== false)
}

function Outcome({ delivery }: { delivery: Delivery }) {
  const t = useTranslations('platform.webhooks')
  return delivery.handledAt ? (
    <StatusChip icon={CircleCheck} tone="ok" label={delivery.outcome ?? t('statuses.handled')} />
  ) : (
    <StatusChip icon={CircleDashed} tone="warn" label={t('statuses.open')} />
  )
}
