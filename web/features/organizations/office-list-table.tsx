'use client'
import Link from 'next/link'
import type { RefObject } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useNow } from '../../lib/use-now.ts'
import { OrganizationStatus, type OrganizationSummary } from './office-status.tsx'

const NOW_MS = 60_000
const MINUTE_SECONDS = 60

export function OfficeListTable(props: {
  organizations: readonly OrganizationSummary[]
  onOpen(organizationId: string): void
  tableRef: RefObject<HTMLTableElement | null>
}) {
  const t = useTranslations('platform.organizations')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns()}
      rows={props.organizations}
      rowKey={(organization) => organization.id}
      onPick={props.onOpen}
      onOpen={props.onOpen}
      tableRef={props.tableRef}
    />
  )
}

function useColumns(): Column<OrganizationSummary>[] {
  const t = useTranslations('platform.organizations.columns')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return [
    {
      key: 'name',
      header: t('name'),
      className: 'w-full max-w-0 font-medium',
      cell: (row) => (
        <Link
          data-row-action
          href={paths.platformOrganization(row.id)}
          title={row.name}
          className="block truncate rounded-sm"
        >
          {row.name}
        </Link>
      ),
    },
    {
      key: 'status',
      header: t('status'),
      cell: (row) => <OrganizationStatus status={row.status} isTight />,
    },
    {
      key: 'balance',
      header: t('balance'),
      isNumeric: true,
      cell: (row) => format.money(row.balanceCents, { currency: row.currency }),
    },
    {
      key: 'minutes',
      header: t('minutes'),
      isNumeric: true,
      from: 'sm',
      cell: (row) => format.number(Math.round(row.billableSeconds30d / MINUTE_SECONDS)),
    },
    {
      key: 'charged',
      header: t('charged'),
      isNumeric: true,
      from: 'md',
      cell: (row) => format.money(row.chargedCents30d, { currency: row.currency }),
    },
    {
      key: 'running',
      header: t('running'),
      isNumeric: true,
      from: 'md',
      cell: (row) => format.number(row.callsRunning),
    },
    {
      key: 'members',
      header: t('members'),
      isNumeric: true,
      from: 'lg',
      cell: (row) => format.number(row.members),
    },
    {
      key: 'created',
      header: t('created'),
      sort: 'descending',
      from: 'lg',
      cell: (row) => <Moment at={row.createdAt} now={now} />,
    },
  ]
}
