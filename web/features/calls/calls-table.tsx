'use client'
import { ArrowUpRight } from 'lucide-react'
import Link from 'next/link'
import { type RefObject, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { Phone } from '../../components/phone.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { CallStatus, Direction, useReasonText } from './call-bits.tsx'
import { type CallSummary, isRunning, otherNumber, ownNumber } from './call-status.ts'

const NOW_MS = 30_000 // Fine enough for a list whose times show minutes.

export function CallsTable(props: {
  calls: readonly CallSummary[]
  currentId: string | null
  onPick(callId: string): void
  onOpen(callId: string): void
  tableRef: RefObject<HTMLTableElement | null>
}) {
  const t = useTranslations('calls.list')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns(props.onPick)}
      rows={props.calls}
      rowKey={(call) => call.id}
      currentKey={props.currentId}
      onPick={props.onPick}
      onOpen={props.onOpen}
      tableRef={props.tableRef}
    />
  )
}

function useColumns(onPick: (callId: string) => void): Column<CallSummary>[] {
  const t = useTranslations('calls.list')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const reasonText = useReasonText()
  const seesCost = useMay('wallet.read')
  return useMemo(() => {
    const columns: (Column<CallSummary> | false)[] = [
      {
        key: 'party',
        header: t('columns.party'),
        className: 'font-medium',
        cell: (call) => (
          <button
            type="button"
            data-row-action
            aria-label={t('peek', { number: formatPhone(otherNumber(call)) })}
            onClick={() => onPick(call.id)}
            className="rounded-sm"
          >
            <Phone number={otherNumber(call)} />
          </button>
        ),
      },
      {
        key: 'started',
        header: t('columns.started'),
        sort: 'descending',
        cell: (call) => <Moment at={call.createdAt} now={now} />,
      },
      {
        key: 'direction',
        header: t('columns.direction'),
        from: 'sm',
        cell: (call) => <Direction call={call} />,
      },
      {
        key: 'own',
        header: t('columns.ownNumber'),
        from: 'xl',
        cell: (call) => (
          <span className="text-soft">
            <Phone number={ownNumber(call)} />
          </span>
        ),
      },
      {
        key: 'agent',
        header: t('columns.agent'),
        from: 'md',
        cell: (call) =>
          call.agentName ? <span className="block max-w-44 truncate">{call.agentName}</span> : none,
      },
      {
        key: 'outcome',
        header: t('columns.outcome'),
        from: 'lg',
        cell: (call) =>
          isRunning(call.state) ? (
            none
          ) : (
            <span className="block max-w-52 truncate text-soft" title={reasonText(call.reason)}>
              {reasonText(call.reason)}
            </span>
          ),
      },
      {
        key: 'duration',
        header: t('columns.duration'),
        from: 'sm',
        isNumeric: true,
        cell: (call) =>
          call.durationSeconds === null ? none : format.duration(call.durationSeconds),
      },
      seesCost && {
        key: 'cost',
        header: t('columns.cost'),
        from: 'md',
        isNumeric: true,
        cell: (call) => (call.costCents === null ? none : format.money(call.costCents)),
      },
      {
        key: 'status',
        header: t('columns.status'),
        cell: (call) => <CallStatus call={call} isTight />,
      },
      {
        key: 'open',
        header: <span className="sr-only">{t('columns.open')}</span>,
        className: 'w-10 pl-0',
        from: 'sm',
        cell: (call) => (
          <Link
            href={paths.call(call.id)}
            aria-label={t('open', { number: formatPhone(otherNumber(call)) })}
            className="inline-flex size-7 items-center justify-center rounded-control text-soft opacity-0 hover:bg-ink/6 hover:text-ink focus-visible:opacity-100 group-hover:opacity-100"
          >
            <ArrowUpRight aria-hidden className="size-4" />
          </Link>
        ),
      },
    ]
    return columns.filter((column) => column !== false)
  }, [t, format, now, reasonText, seesCost, onPick])
}

const none = (
  <span aria-hidden className="text-soft">
    –
  </span>
)

const boneWidths = [36, 28, 44, 32, 40, 28, 36, 44, 30, 38] // In quarters of a rem: rows of real lists differ too.

/** Rows of the table's own height, so that nothing moves when the calls come. */
export function CallsSkeleton() {
  const t = useTranslations('calls.list')
  return (
    <Skeleton label={t('loading')}>
      <div className="h-8 border-line border-b" />
      {boneWidths.map((width, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity but their place.
          key={row}
          className="flex h-10 items-center gap-8 border-line border-b px-4 md:px-6"
        >
          <Bone className="w-28 shrink-0" />
          <Bone style={{ width: `${width / 4}rem` }} />
          <Bone className="w-20 max-sm:hidden" />
          <Bone className="ml-auto w-16" />
        </div>
      ))}
    </Skeleton>
  )
}
