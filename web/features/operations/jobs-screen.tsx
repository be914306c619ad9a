'use client'
import { parseAsString, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useMay } from '../../lib/session.tsx'
import { FailedJobs } from './failed-jobs.tsx'
import { JobQueues } from './job-queues.tsx'

/** Background work: what waits and runs, and what failed for good. */
export function JobsScreen() {
  return useMay('system.read') ? <Jobs /> : <Forbidden needs="system.read" />
}

function Jobs() {
  const t = useTranslations('platform.jobs')
  const [queue, setQueue] = useQueryState('queue', parseAsString.withOptions({ history: 'push' }))
  return (
    <div className="w-full max-w-[90rem] py-5">
      <div className="px-4 md:px-6">
        <PageHeader title={t('title')} />
      </div>
      <JobQueues onPick={(name) => void setQueue(name)} />
      <FailedJobs queue={queue} onQueue={(name) => void setQueue(name)} />
    </div>
  )
}
