'use client'
import { useTranslations } from 'use-intl'
import { listJobQueues, listWebhookRejections } from '#contracts/operations'
import { ErrorBox } from '../../components/error-box.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { StatTile, StatTileBones, StatTiles } from '../../components/stat-tile.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { queueTotals, recentRejections } from './health.ts'

const REFRESH_MS = 30_000
const LOOKED_AT = 100 // The API's largest page; above it the tile says "100+".

/** What waits, what failed, what was refused: for who can do something about it. */
export function HealthTiles() {
  return useMay('system.read') ? <Health /> : null
}

function Health() {
  const t = useTranslations('platform.health')
  const queues = useEndpoint(listJobQueues, {}, { refetchInterval: REFRESH_MS })
  const rejections = useEndpoint(
    listWebhookRejections,
    { query: { limit: LOOKED_AT } },
    { refetchInterval: REFRESH_MS },
  )
  const error = queues.error ?? rejections.error
  return (
    <section aria-label={t('title')} className="space-y-3">
      <h2 className="font-medium">{t('title')}</h2>
      {error && (
        <ErrorBox
          title={t('failed')}
          error={error}
          onRetry={() => void Promise.all([queues.refetch(), rejections.refetch()])}
          isRetrying={queues.isFetching || rejections.isFetching}
        />
      )}
      {!error && (queues.isPending || rejections.isPending) && (
        <Skeleton label={t('loading')}>
          <StatTileBones count={3} />
        </Skeleton>
      )}
      {(queues.data || rejections.data) && (
        <StatTiles label={t('title')}>
          {queues.data && <QueueTiles totals={queueTotals(queues.data.items)} />}
          {rejections.data && (
            <RejectionTile recent={recentRejections(rejections.data, new Date())} />
          )}
        </StatTiles>
      )}
    </section>
  )
}

function QueueTiles({ totals }: { totals: ReturnType<typeof queueTotals> }) {
  const t = useTranslations('platform.health')
  const format = useFormat()
  return (
    <>
      <StatTile
        label={t('waiting')}
        value={format.number(totals.waiting)}
        note={
          totals.oldestSeconds === null
            ? t('nothingWaits')
            : t('oldest', { age: format.duration(totals.oldestSeconds) })
        }
        href={paths.platformJobs()}
      />
      <StatTile
        label={t('failedJobs')}
        value={format.number(totals.failed)}
        note={totals.failed > 0 ? t('failedNote') : t('noneFailed')}
        href={paths.platformJobs()}
      />
    </>
  )
}

function RejectionTile({ recent }: { recent: ReturnType<typeof recentRejections> }) {
  const t = useTranslations('platform.health')
  const format = useFormat()
  const count = format.number(recent.count)
  return (
    <StatTile
      label={t('rejected')}
      value={recent.hasMore ? `${count}+` : count}
      note={t('rejectedNote')}
      href={paths.platformWebhooks({ tab: 'rejected' })}
    />
  )
}
