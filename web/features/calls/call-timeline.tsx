'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type callEvent, listCallEvents } from '#contracts/calls'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Moment } from '../../components/moment.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { formatMs } from '../../lib/format/duration.ts'
import { useNow } from '../../lib/use-now.ts'
import { useEventText } from './call-bits.tsx'
import { type Call, isFinal } from './call-status.ts'

const REFRESH_MS = 5_000
const NOW_MS = 60_000

/** What happened, in order: state changes, interruptions, keys, money, losses. */
export function CallTimeline({ call }: { call: Call }) {
  const t = useTranslations('calls.timeline')
  const events = useEndpointPages(
    listCallEvents,
    { params: { callId: call.id }, query: {} },
    { refetchInterval: () => (isFinal(call.state) ? false : REFRESH_MS) },
  )
  if (events.error && !events.items) {
    return (
      <ErrorBox title={t('failed')} error={events.error} onRetry={() => void events.refetch()} />
    )
  }
  if (!events.items) {
    return (
      <Skeleton label={t('loading')} className="space-y-4">
        <Bone className="w-2/3" />
        <Bone className="w-1/2" />
        <Bone className="w-3/4" />
      </Skeleton>
    )
  }
  if (events.items.length === 0) return <p className="text-soft">{t('empty')}</p>
  return (
    <>
      <ol aria-label={t('label')} className="divide-y divide-line">
        {events.items.map((event) => (
          <EventRow key={event.id} event={event} startedAt={call.liveAt} />
        ))}
      </ol>
      {events.hasNextPage && (
        <Button
          className="mt-3"
          disabled={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
    </>
  )
}

function EventRow(props: { event: z.output<typeof callEvent>; startedAt: Date | null }) {
  const { event, startedAt } = props
  const now = useNow(NOW_MS)
  const kindText = useEventText()
  const sinceStart = startedAt ? event.at.getTime() - startedAt.getTime() : null
  return (
    <li className="grid grid-cols-[4.5rem_1fr_auto] items-baseline gap-x-3 py-2">
      <span className="text-soft text-xs">
        <Moment at={event.at} now={now} style="clock" />
      </span>
      <div className="min-w-0">
        <p>{kindText(event.kind)}</p>
        <JsonView data={event.data} />
      </div>
      <span className="text-soft text-xs tabular-nums">
        {sinceStart !== null && sinceStart >= 0 && formatMs(sinceStart)}
      </span>
    </li>
  )
}
