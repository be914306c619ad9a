'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { platformStatus } from '#contracts/operations'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { Section } from './status-features.tsx'
import { useVendorName } from './vendors.ts'

type Lag = z.output<typeof platformStatus>['webhooks'][number]

/** Whether each vendor is still heard of, and what of it waits. */
export function StatusWebhooks({ webhooks, now }: { webhooks: Lag[]; now: Date }) {
  const t = useTranslations('platform.status')
  const vendorName = useVendorName()
  const format = useFormat()
  const columns: Column<Lag>[] = [
    {
      key: 'vendor',
      header: t('columns.vendor'),
      className: 'w-full',
      cell: (row) => vendorName(row.vendor),
    },
    {
      key: 'last',
      header: t('columns.lastReceived'),
      className: 'whitespace-nowrap',
      cell: (row) =>
        row.lastReceivedAt ? <Moment at={row.lastReceivedAt} now={now} style="ago" /> : t('never'),
    },
    {
      key: 'open',
      header: t('columns.open'),
      isNumeric: true,
      cell: (row) =>
        row.open === 0 ? (
          format.number(0)
        ) : (
          <Link
            href={paths.platformWebhooks({ vendor: row.vendor, status: 'open' })}
            aria-label={t('showOpen', { count: row.open, vendor: vendorName(row.vendor) })}
            className="font-medium text-warn underline underline-offset-2"
          >
            {format.number(row.open)}
          </Link>
        ),
    },
    {
      key: 'oldest',
      header: t('columns.oldestOpen'),
      isNumeric: true,
      from: 'sm',
      cell: (row) =>
        row.oldestOpenSeconds === null ? '–' : format.duration(row.oldestOpenSeconds),
    },
  ]
  return (
    <Section title={t('webhooksTitle')}>
      <DataTable
        caption={t('webhooksTitle')}
        columns={columns}
        rows={webhooks}
        rowKey={(row) => row.vendor}
        isInCard
      />
    </Section>
  )
}
