'use client'
import { useQueryClient } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type failedJob, listFailedJobs, listJobQueues, retryJob } from '#contracts/operations'
import { Button } from '../../components/button.tsx'
import { Copy } from '../../components/copy.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { FilterChips } from '../../components/filter-chips.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Moment } from '../../components/moment.tsx'
import { toast } from '../../components/toast.tsx'
import { endpointKey, useEndpointCall, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'

const RetryAllConfirm = lazy(() =>
  import('./retry-all-confirm.tsx').then((file) => ({ default: file.RetryAllConfirm })),
)

const NOW_MS = 30_000

type FailedJob = z.output<typeof failedJob>

/** Jobs whose tries are used up, each with what it was for and what stopped it. */
export function FailedJobs(props: { queue: string | null; onQueue(queue: string | null): void }) {
  const t = useTranslations('platform.jobs')
  const { queue, onQueue } = props
  const mayRetry = useMay('system.write')
  const [isAsking, setAsking] = useState(false)
  const list = useEndpointPages(listFailedJobs, { query: queue ? { queue } : {} })
  return (
    <section aria-label={t('failed')} className="mt-8">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2 px-4 md:px-6">
        <h2 className="font-medium">{t('failed')}</h2>
        {queue && (
          <FilterChips
            chips={[{ key: 'queue', label: queue, onRemove: () => onQueue(null) }]}
            onClear={() => onQueue(null)}
          />
        )}
        {queue && mayRetry && list.items && list.items.length > 0 && (
          <Button size="small" className="ml-auto" onClick={() => setAsking(true)}>
            {t('retryAll')}
          </Button>
        )}
      </div>
      <GrowingList
        list={list}
        loading={t('loadingFailed')}
        failed={t('failedFailed')}
        end={t('allShown')}
        empty={
          <Empty
            icon={CircleCheck}
            title={t('noneFailed')}
            hint={queue ? t('noneFailedIn', { queue }) : t('noneFailedHint')}
          />
        }
      >
        {(jobs) => (
          <ul className="divide-y divide-line border-line border-t">
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} mayRetry={mayRetry} />
            ))}
          </ul>
        )}
      </GrowingList>
      {isAsking && queue && (
        <Suspense fallback={null}>
          <RetryAllConfirm queue={queue} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </section>
  )
}

function JobRow({ job, mayRetry }: { job: FailedJob; mayRetry: boolean }) {
  const t = useTranslations('platform.jobs')
  const queries = useQueryClient()
  const now = useNow(NOW_MS)
  const retry = useEndpointCall(retryJob, {
    onSuccess: () => {
      toast(t('retried', { count: 1 }))
      void queries.invalidateQueries({ queryKey: endpointKey(listFailedJobs) })
      void queries.invalidateQueries({ queryKey: endpointKey(listJobQueues) })
    },
  })
  return (
    <li className="px-4 py-3 md:px-6">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 grow basis-64">
          <p className="flex flex-wrap items-center gap-x-3">
            <code className="break-all font-medium text-xs">{job.queue}</code>
            <span className="text-soft text-xs">
              <Moment at={job.failedAt} now={now} style="ago" /> ·{' '}
              {t('tries', { count: job.tries })}
            </span>
          </p>
          <p className="mt-1 break-words">{job.error ?? t('noError')}</p>
          <div className="mt-1">
            <JsonView data={asRecord(job.data)} />
          </div>
          <p className="mt-1 flex items-center gap-1 text-soft text-xs">
            <code className="break-all">{job.id}</code>
            <Copy text={job.id} label={t('jobId')} />
          </p>
        </div>
        {mayRetry && (
          <Button
            size="small"
            aria-label={t('retryOf', { queue: job.queue, id: job.id })}
            disabled={retry.isPending}
            onClick={() => retry.mutate({ params: { jobId: job.id } })}
          >
            {retry.isPending ? t('retrying') : t('retry')}
          </Button>
        )}
      </div>
      {retry.error && <ErrorBox title={t('retryFailed')} error={retry.error} className="mt-2" />}
    </li>
  )
}

/** A job's data is an object of ids; anything else is shown whole. */
const asRecord = (data: unknown): Record<string, unknown> =>
  typeof data === 'object' && data !== null ? { ...data } : { data }
