'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { endCallByHand } from '#contracts/calls'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { LevelMeter } from '../../components/level-meter.tsx'
import { useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import { formatDuration, formatMs } from '../../lib/format/duration.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useStore } from '../../lib/store.ts'
import { useNow } from '../../lib/use-now.ts'
import { useEventText } from './call-bits.tsx'
import { type Call, otherNumber } from './call-status.ts'
import type { LiveFeed } from './live-feed.ts'
import { secondsNow } from './live-state.ts'

const TICK_MS = 500 // Twice a second, so that no second of the timer is skipped.

/** How long, how much, how loud. */
export function LivePanel({ feed }: { feed: LiveFeed }) {
  const t = useTranslations('live.panel')
  const format = useFormat()
  const now = useNow(TICK_MS)
  const meter = useStore(feed.state, (state) => state.meter)
  const phase = useStore(feed.state, (state) => state.phase)
  const seconds = secondsNow({ meter, phase }, now.getTime())
  return (
    <section
      aria-label={t('label')}
      className="grid grid-cols-2 gap-4 rounded-card border border-line bg-panel p-4"
    >
      <Figure name={t('time')} value={seconds === null ? '–' : formatDuration(seconds)} />
      {meter?.costCents != null && (
        <Figure name={t('cost')} value={format.money(meter.costCents)} />
      )}
      <Levels feed={feed} />
    </section>
  )
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <p className="text-soft text-xs">{name}</p>
    <p className="font-semibold text-xl tabular-nums">{value}</p>
  </div>
)

function Levels({ feed }: { feed: LiveFeed }) {
  const t = useTranslations('transcript.speakers')
  const levels = useStore(feed.state, (state) => state.levels)
  return (
    <div aria-hidden className="col-span-2 flex flex-wrap gap-x-8 gap-y-2 text-soft text-xs">
      <span className="flex items-center gap-2">
        {t('agent')} <LevelMeter level={levels.agent} tone="ok" />
      </span>
      <span className="flex items-center gap-2">
        {t('customer')} <LevelMeter level={levels.customer} tone="brand" />
      </span>
    </div>
  )
}

/** What happens beside the words, newest first. */
export function EventFeed({ feed }: { feed: LiveFeed }) {
  const t = useTranslations('live.panel')
  const events = useStore(feed.state, (state) => state.events)
  const eventText = useEventText()
  return (
    <section aria-label={t('events')}>
      <h2 className="mb-1 font-medium">{t('events')}</h2>
      {events.length === 0 ? (
        <p className="text-soft">{t('noEvents')}</p>
      ) : (
        <ol className="divide-y divide-line">
          {events.toReversed().map((event) => (
            <li
              key={event.sequence}
              className="grid grid-cols-[3rem_1fr] items-baseline gap-x-2 py-1.5"
            >
              <span className="text-soft text-xs tabular-nums">{formatMs(event.atMs)}</span>
              <div className="min-w-0">
                <p>{eventText(event.kind)}</p>
                <JsonView data={event.data} />
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** Ends the call politely, after asking: the person on the line hears a goodbye. */
export function EndCall({ call, feed }: { call: Call; feed: LiveFeed }) {
  const t = useTranslations('live.end')
  const [isAsking, setAsking] = useState(false)
  const phase = useStore(feed.state, (state) => state.phase)
  const ending = useEndpointCall(endCallByHand, { onSuccess: () => setAsking(false) })
  if (phase === 'ended') return null
  const close = () => {
    setAsking(false)
    ending.reset()
  }
  return (
    <>
      <Button onClick={() => setAsking(true)} disabled={ending.isSuccess}>
        {ending.isSuccess ? t('ending') : t('button')}
      </Button>
      <Confirm
        isOpen={isAsking}
        onClose={close}
        title={t('title', { number: formatPhone(otherNumber(call)) })}
        effect={t('effect')}
        action={t('action')}
        isSending={ending.isPending}
        onConfirm={() => ending.mutate({ params: { callId: call.id } })}
      >
        {ending.error && <ErrorBox title={t('failed')} error={ending.error} className="mt-3" />}
      </Confirm>
    </>
  )
}
