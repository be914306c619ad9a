'use client'
import { useTranslations } from 'use-intl'
import { getPlatformStatus } from '#contracts/operations'
import { ErrorBox } from '../../components/error-box.tsx'
import { Moment } from '../../components/moment.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { StatusFeatures } from './status-features.tsx'
import { StatusFigures } from './status-figures.tsx'
import { StatusProcesses } from './status-processes.tsx'
import { StatusWebhooks } from './status-webhooks.tsx'

const REFRESH_MS = 10_000
const CLOCK_MS = 5_000

/** What works and what does not, with the hop that fails and what to do about it. */
export function StatusScreen() {
  return useMay('system.read') ? <Status /> : <Forbidden needs="system.read" />
}

function Status() {
  const t = useTranslations('platform.status')
  const now = useNow(CLOCK_MS)
  const { data, error, isPending, isFetching, refetch } = useEndpoint(
    getPlatformStatus,
    {},
    { refetchInterval: REFRESH_MS },
  )
  return (
    <div className="relative w-full max-w-[90rem] space-y-6 py-5">
      <ProgressLine isActive={isFetching && !isPending} />
      <div className="space-y-3 px-4 md:px-6">
        <PageHeader
          title={t('title')}
          note={
            data &&
            t.rich('checked', { when: () => <Moment at={data.checkedAt} now={now} style="ago" /> })
          }
        />
        {error && (
          <ErrorBox
            title={data ? t('stale') : t('failed')}
            error={error}
            onRetry={() => void refetch()}
            isRetrying={isFetching}
          />
        )}
      </div>
      {isPending && <TableSkeleton label={t('loading')} />}
      {data && (
        <>
          <StatusFigures status={data} now={now} />
          <StatusFeatures status={data} />
          <StatusProcesses processes={data.processes} now={now} />
          <StatusWebhooks webhooks={data.webhooks} now={now} />
        </>
      )}
    </div>
  )
}
