'use client'
import { Radio } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useMay } from '../../lib/session.tsx'
import { LiveCard } from './live-card.tsx'
import { useRunningCalls } from './use-calls.ts'

const MAX_FEEDS = 8 // A person may hold ten live sockets; two are left for other tabs.

/** One card a running call: who, how long, the last line, how loud. */
export function LiveWallScreen() {
  const t = useTranslations('live.wall')
  const mayListen = useMay('calls.listen')
  const running = useRunningCalls(mayListen)
  if (!mayListen) return <Forbidden needs="calls.listen" />
  const calls = running.data?.items ?? []
  return (
    <div className="w-full max-w-[90rem] px-4 py-5 md:px-6">
      <PageHeader title={t('title')} note={running.data && t('count', { count: calls.length })} />
      <div className="mt-4">
        {running.isPending && <WallSkeleton />}
        {running.error && (
          <ErrorBox
            title={t('failed')}
            error={running.error}
            onRetry={() => void running.refetch()}
            isRetrying={running.isFetching}
          />
        )}
        {running.data && calls.length === 0 && (
          <Empty icon={Radio} title={t('empty')} hint={t('emptyHint')} />
        )}
        {calls.length > 0 && (
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
            {calls.map((call, place) => (
              <li key={call.id}>
                <LiveCard call={call} isFed={place < MAX_FEEDS} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

function WallSkeleton() {
  const t = useTranslations('live.wall')
  return (
    <Skeleton
      label={t('loading')}
      className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3"
    >
      <Bone className="h-36 rounded-card" />
      <Bone className="h-36 rounded-card" />
      <Bone className="h-36 rounded-card" />
    </Skeleton>
  )
}
