'use client'
import { SearchX, ShieldCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { listWebhookRejections } from '#contracts/operations'
import { DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { Moment } from '../../components/moment.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useVendorName, type Vendor } from './vendors.ts'

const NOW_MS = 30_000

/** What was refused at the door, and why. */
export function Rejections({ vendor }: { vendor: Vendor | null }) {
  const t = useTranslations('platform.webhooks')
  const vendorName = useVendorName()
  const format = useFormat()
  const now = useNow(NOW_MS)
  const list = useEndpointPages(listWebhookRejections, { query: vendor ? { vendor } : {} })
  return (
    <GrowingList
      list={list}
      loading={t('loadingRejected')}
      failed={t('rejectedFailed')}
      end={t('allShown')}
      empty={
        vendor ? (
          <Empty icon={SearchX} title={t('noneMatch')} hint={t('noneMatchHint')} />
        ) : (
          <Empty icon={ShieldCheck} title={t('neverRejected')} hint={t('neverRejectedHint')} />
        )
      }
    >
      {(rows) => (
        <DataTable
          caption={t('tabs.rejected')}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              key: 'vendor',
              header: t('columns.vendor'),
              cell: (row) => <span className="font-medium">{vendorName(row.vendor)}</span>,
            },
            {
              key: 'at',
              header: t('columns.received'),
              sort: 'descending',
              cell: (row) => <Moment at={row.at} now={now} />,
            },
            {
              key: 'reason',
              header: t('columns.reason'),
              className: 'break-words',
              cell: (row) => inWords(row.reason),
            },
            {
              key: 'bytes',
              header: t('columns.bytes'),
              isNumeric: true,
              from: 'sm',
              cell: (row) => format.number(row.bodyBytes),
            },
          ]}
        />
      )}
    </GrowingList>
  )
}

/** `signature_invalid` as "signature invalid": the reasons are codes of the API's own. */
const inWords = (reason: string): string => reason.replaceAll('_', ' ')
