'use client'
import { Layers } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type jobQueue, listJobQueues } from '#contracts/operations'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'

const REFRESH_MS = 10_000

type Queue = z.output<typeof jobQueue>

/** Every queue with what waits, runs and failed; one that failed leads to its failed jobs. */
export function JobQueues({ onPick }: { onPick(queue: string): void }) {
  const t = useTranslations('platform.jobs')
  const queues = useEndpoint(listJobQueues, {}, { refetchInterval: REFRESH_MS })
  const columns = useColumns(onPick)
  return (
    <section aria-label={t('queues')} className="mt-4">
      <h2 className="mb-1 px-4 font-medium md:px-6">{t('queues')}</h2>
      {queues.isPending && <TableSkeleton label={t('loadingQueues')} />}
      {queues.error && (
        <div className="px-4 py-2 md:px-6">
          <ErrorBox
            title={t('queuesFailed')}
            error={queues.error}
            onRetry={() => void queues.refetch()}
            isRetrying={queues.isFetching}
          />
        </div>
      )}
      {queues.data?.items.length === 0 && <Empty icon={Layers} title={t('noQueues')} />}
      {queues.data && queues.data.items.length > 0 && (
        <DataTable
          caption={t('queues')}
          columns={columns}
          rows={queues.data.items.toSorted(busiestFirst)}
          rowKey={(row) => row.name}
          isInCard
        />
      )}
    </section>
  )
}

function useColumns(onPick: (queue: string) => void): Column<Queue>[] {
  const t = useTranslations('platform.jobs')
  const format = useFormat()
  return [
    {
      key: 'name',
      header: t('columns.queue'),
      className: 'w-full max-w-0',
      cell: (row) => (
        <code title={row.name} className="block truncate text-xs">
          {row.name}
        </code>
      ),
    },
    {
      key: 'waiting',
      header: t('columns.waiting'),
      isNumeric: true,
      cell: (row) => format.number(row.waiting),
    },
    {
      key: 'oldest',
      header: t('columns.oldest'),
      isNumeric: true,
      from: 'sm',
      cell: (row) =>
        row.oldestWaitingSeconds === null ? '–' : format.duration(row.oldestWaitingSeconds),
    },
    {
      key: 'active',
      header: t('columns.active'),
      isNumeric: true,
      from: 'sm',
      cell: (row) => format.number(row.active),
    },
    {
      key: 'failed',
      header: t('columns.failed'),
      isNumeric: true,
      cell: (row) =>
        row.failed === 0 ? (
          format.number(0)
        ) : (
          <button
            type="button"
            aria-label={t('showFailed', { count: row.failed, queue: row.name })}
            onClick={() => onPick(row.name)}
            className="rounded-sm font-medium text-bad underline underline-offset-2"
          >
            {format.number(row.failed)}
          </button>
        ),
    },
  ]
}

/** What failed comes first, then what waits: most queues are idle most of the time. */
const busiestFirst = (a: Queue, b: Queue): number =>
  b.failed - a.failed || b.waiting - a.waiting || a.name.localeCompare(b.name)
