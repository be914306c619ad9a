'use client'
import { CalendarDays, ChevronDown, ChevronRight, Download } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { exportStatement, listStatements, printStatement } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useDownload } from '../../lib/api/use-download.ts'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { StatementOfMonth } from './statement-of-month.tsx'

type Row = z.output<(typeof listStatements)['response']>['items'][number]

/** A statement per month: to be read here, or kept as CSV or PDF. */
export function Statements() {
  const t = useTranslations('wallet.statements')
  const [openMonth, setOpenMonth] = useQueryState('month', parseAsString)
  const list = useEndpoint(listStatements, {})
  const csv = useDownload(exportStatement)
  const pdf = useDownload(printStatement)
  const toggle = (month: string) => void setOpenMonth(month === openMonth ? null : month)
  const columns = useColumns({
    openMonth,
    onToggle: toggle,
    isBusy: csv.isPending || pdf.isPending,
    onCsv: (month) => csv.mutate({ sent: { params: { month } }, fileName: `${month}.csv` }),
    onPdf: (month) => pdf.mutate({ sent: { params: { month } }, fileName: `${month}.pdf` }),
  })
  const failure = csv.error ?? pdf.error
  return (
    <>
      {list.isPending && <TableSkeleton label={t('loading')} />}
      {(list.error || failure) && (
        <div className="space-y-2 px-4 pb-2 md:px-6">
          {failure && <ErrorBox title={t('notKept')} error={failure} />}
          {list.error && (
            <ErrorBox
              title={t('failed')}
              error={list.error}
              onRetry={() => void list.refetch()}
              isRetrying={list.isFetching}
            />
          )}
        </div>
      )}
      {list.data?.items.length === 0 && (
        <Empty icon={CalendarDays} title={t('empty')} hint={t('emptyHint')} />
      )}
      {list.data && list.data.items.length > 0 && (
        <DataTable
          caption={t('caption')}
          rows={list.data.items}
          rowKey={({ month }) => month}
          currentKey={openMonth}
          onPick={toggle}
          unfolded={({ month }) => <StatementOfMonth month={month} />}
          columns={columns}
        />
      )}
    </>
  )
}

function useColumns(props: {
  openMonth: string | null
  isBusy: boolean
  onToggle(month: string): void
  onCsv(month: string): void
  onPdf(month: string): void
}): Column<Row>[] {
  const t = useTranslations('wallet.statements')
  const format = useFormat()
  const kinds = [
    { key: 'csv', keep: props.onCsv },
    { key: 'pdf', keep: props.onPdf },
  ] as const
  return [
    {
      key: 'month',
      header: t('month'),
      sort: 'descending',
      cell: ({ month }) => {
        const isOpen = month === props.openMonth
        const Icon = isOpen ? ChevronDown : ChevronRight
        return (
          <button
            type="button"
            data-row-action
            aria-expanded={isOpen}
            onClick={() => props.onToggle(month)}
            className="inline-flex min-h-6 items-center gap-1 font-medium"
          >
            <Icon aria-hidden className="size-3.5 shrink-0 text-soft" />
            {format.month(month)}
          </button>
        )
      },
    },
    {
      key: 'state',
      header: t('state'),
      from: 'sm',
      cell: ({ isComplete }) => t(isComplete ? 'complete' : 'running'),
    },
    {
      key: 'keep',
      header: <span className="sr-only">{t('keep')}</span>,
      className: 'w-40',
      cell: ({ month }) => (
        <span className="flex justify-end gap-1.5">
          {kinds.map(({ key, keep }) => (
            <Button
              key={key}
              size="small"
              disabled={props.isBusy}
              aria-label={t(`${key}Of`, { month: format.month(month) })}
              onClick={() => keep(month)}
            >
              <Download aria-hidden className="size-3.5 text-soft" />
              {t(key)}
            </Button>
          ))}
        </span>
      ),
    },
  ]
}
