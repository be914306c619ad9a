'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { LevelMeter } from '../../components/level-meter.tsx'
import { formatDuration } from '../../lib/format/duration.ts'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import { createStore, useStore } from '../../lib/store.ts'
import { useNow } from '../../lib/use-now.ts'
import { CallStatus } from './call-bits.tsx'
import { type CallSummary, otherNumber } from './call-status.ts'
import type { LiveFeed } from './live-feed.ts'
import { initialLiveState, type LiveState, secondsNow } from './live-state.ts'
import { useLiveFeed } from './use-live-feed.ts'

const TICK_MS = 1_000
const nothingYet = createStore<LiveState>(initialLiveState)

/** A running call on the wall. Without a feed of its own it shows what the list knows. */
export function LiveCard({ call, isFed }: { call: CallSummary; isFed: boolean }) {
  const t = useTranslations('live.card')
  const feed = useLiveFeed(call.id, isFed && call.state === 'live')
  const number = formatPhone(otherNumber(call))
  return (
    <Link
      href={paths.liveCall(call.id)}
      aria-label={t('open', { number })}
      className="flex h-36 flex-col rounded-card border border-line bg-panel p-4 transition-colors duration-120 hover:border-edge"
    >
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium tabular-nums">{number}</span>
        <Timer call={call} feed={feed} />
      </span>
      <span className="mt-0.5 flex items-center justify-between gap-3 text-soft text-xs">
        <span className="truncate">{call.agentName ?? t('noAgent')}</span>
        <CallStatus call={call} />
      </span>
      <LastLine feed={feed} />
      <Levels feed={feed} />
    </Link>
  )
}

function Timer({ call, feed }: { call: CallSummary; feed: LiveFeed | null }) {
  const now = useNow(TICK_MS)
  const meter = useStore(feed?.state ?? nothingYet, (state) => state.meter)
  const phase = useStore(feed?.state ?? nothingYet, (state) => state.phase)
  const told = secondsNow({ meter, phase }, now.getTime())
  const counted = call.liveAt ? (now.getTime() - call.liveAt.getTime()) / 1000 : null
  const seconds = told ?? counted
  return <span className="tabular-nums">{seconds === null ? '–' : formatDuration(seconds)}</span>
}

function LastLine({ feed }: { feed: LiveFeed | null }) {
  const t = useTranslations('live.card')
  const tSpeakers = useTranslations('transcript.speakers')
  const turn = useStore(feed?.state ?? nothingYet, (state) => state.turns.at(-1))
  return (
    <span className="mt-2 line-clamp-2 grow break-words">
      {turn ? (
        <>
          <span className="text-soft">{tSpeakers(turn.speaker)}: </span>
          {turn.text}
        </>
      ) : (
        <span className="text-soft">{t('nothingSaid')}</span>
      )}
    </span>
  )
}

function Levels({ feed }: { feed: LiveFeed | null }) {
  const tSpeakers = useTranslations('transcript.speakers')
  const levels = useStore(feed?.state ?? nothingYet, (state) => state.levels)
  return (
    <span aria-hidden className="mt-2 flex items-center gap-4 text-soft text-xs">
      <span className="flex items-center gap-2">
        {tSpeakers('agent')} <LevelMeter level={levels.agent} tone="ok" />
      </span>
      <span className="flex items-center gap-2">
        {tSpeakers('customer')} <LevelMeter level={levels.customer} tone="brand" />
      </span>
    </span>
  )
}
