'use client'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { parseAsInteger, parseAsStringLiteral, useQueryState } from 'nuqs'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { getCall } from '#contracts/calls'
import { getTranscript } from '#contracts/transcripts'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import type { Playback } from '../../components/player/playback.ts'
import { Player } from '../../components/player/player.tsx'
import { Forbidden, NotFound } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { type Tab, Tabs } from '../../components/tabs.tsx'
import { turnAt } from '../../components/transcript/search.ts'
import { Transcript } from '../../components/transcript/transcript.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { CallBilling } from './call-billing.tsx'
import { CallDetails } from './call-details.tsx'
import { CallHeader } from './call-header.tsx'
import { CallNotice } from './call-notice.tsx'
import { type Call, isFinal, recordingState } from './call-status.ts'
import { CallTimeline } from './call-timeline.tsx'
import { useRecording } from './use-recording.ts'
import { useWide } from './use-wide.ts'

const REFRESH_MS = 3_000 // While the recording, the transcript or the bill is still to come.
const NOW_MS = 5_000
const tabKeys = ['transcript', 'details', 'timeline', 'billing'] as const
type TabKey = (typeof tabKeys)[number]

/** One call: what was said beside what it was, both in step with the player. */
export function CallScreen({ callId }: { callId: string }) {
  const now = useNow(NOW_MS)
  const found = useEndpoint(
    getCall,
    { params: { callId } },
    { refetchInterval: (asked) => (isComplete(asked.state.data, now) ? false : REFRESH_MS) },
  )
  const t = useTranslations('calls.detail')
  if (found.data) return <LoadedCall key={callId} call={found.data} now={now} />
  if (found.isPending) return <CallSkeleton />
  // 400: what stands in the address is no id at all.
  if (found.error.status === 404 || found.error.status === 400) {
    return (
      <NotFound title={t('notFound')} hint={t('notFoundHint')}>
        <Button asChild>
          <Link href={paths.calls()}>{t('toList')}</Link>
        </Button>
      </NotFound>
    )
  }
  if (found.error.status === 403) return <Forbidden needs="calls.read-own" />
  return (
    <div className="p-4 md:p-6">
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    </div>
  )
}

/** Whether nothing more is expected: settled, and its recording stored or given up. */
const isComplete = (call: Call | undefined, now: Date): boolean =>
  call !== undefined && isFinal(call.state) && recordingState(call, now) !== 'pending'

function LoadedCall({ call, now }: { call: Call; now: Date }) {
  const t = useTranslations('calls.detail')
  const [second, setSecond] = useQueryState('t', parseAsInteger)
  const recording = useRecording(call, (second ?? 0) * 1000)
  const transcript = useEndpoint(
    getTranscript,
    { params: { callId: call.id } },
    { refetchInterval: isFinal(call.state) ? false : REFRESH_MS },
  )
  const turns = useMemo(() => transcript.data?.turns ?? [], [transcript.data])
  const { playback } = recording
  useKeptSecond(playback, setSecond)
  usePlayerKeys(playback, turns)

  return (
    <div className="mx-auto flex w-full max-w-[90rem] min-w-0 grow flex-col px-4 pt-4 pb-6 md:px-6">
      <Link
        href={paths.calls()}
        data-screen-only
        className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-3.5" />
        {t('toList')}
      </Link>
      <CallHeader call={call} playback={playback} />
      <CallNotice call={call} hasTurns={turns.length > 0} now={now} />
      {playback && (
        <Player
          playback={playback}
          peaks={recording.peaks.data}
          className="sticky top-12 z-10 -mx-4 border-line border-b bg-bg px-4 py-3 md:-mx-6 md:px-6"
        />
      )}
      <Body
        call={call}
        transcript={<TranscriptPart call={call} query={transcript} playback={playback} />}
      />
    </div>
  )
}

/** Two columns where there is room; one set of tabs, the transcript first, where there is not. */
function Body({ call, transcript }: { call: Call; transcript: ReactNode }) {
  const t = useTranslations('calls.detail')
  const [chosen, setChosen] = useQueryState('tab', parseAsStringLiteral(tabKeys))
  const isWide = useWide()
  const seesMoney = useMay('wallet.read')
  const side: Tab<TabKey>[] = [
    { value: 'details', label: t('tabs.details'), content: <CallDetails call={call} /> },
    { value: 'timeline', label: t('tabs.timeline'), content: <CallTimeline call={call} /> },
  ]
  if (seesMoney) {
    side.push({ value: 'billing', label: t('tabs.billing'), content: <CallBilling call={call} /> })
  }
  const first: Tab<TabKey> = {
    value: 'transcript',
    label: t('tabs.transcript'),
    content: <div className="flex h-[65dvh] flex-col">{transcript}</div>,
  }
  const tabs = isWide ? side : [first, ...side]
  const value = tabs.some((tab) => tab.value === chosen) ? chosen : null
  const tabList = (
    <Tabs
      label={t('tabs.label')}
      tabs={tabs}
      value={value ?? (isWide ? 'details' : 'transcript')}
      onChange={(tab) => void setChosen(tab)}
    />
  )
  if (!isWide) return <div className="mt-3">{tabList}</div>
  return (
    <div className="mt-4 grid min-h-0 grid-cols-[minmax(0,3fr)_minmax(0,2fr)] items-start gap-6">
      <div className="flex max-h-[calc(100dvh-13.5rem)] min-h-80 flex-col">{transcript}</div>
      {tabList}
    </div>
  )
}

type TranscriptQuery = ReturnType<typeof useEndpoint<typeof getTranscript>>

function TranscriptPart(props: { call: Call; query: TranscriptQuery; playback: Playback | null }) {
  const t = useTranslations('calls.detail')
  const { call, query } = props
  if (query.error && !query.data) {
    return (
      <ErrorBox
        title={t('transcriptFailed')}
        error={query.error}
        onRetry={() => void query.refetch()}
        isRetrying={query.isFetching}
      />
    )
  }
  if (!query.data) return <TranscriptSkeleton />
  if (query.data.turns.length === 0) {
    return (
      <p className="rounded-card border border-line bg-panel px-6 py-12 text-center text-soft">
        {isFinal(call.state) ? t('noTurns') : t('noTurnsYet')}
      </p>
    )
  }
  return <Transcript turns={query.data.turns} playback={props.playback} />
}

/** Keeps the address at the second a reload should come back to: after a seek and at each pause, not while playing. */
function useKeptSecond(playback: Playback | null, keep: (second: number | null) => unknown) {
  useEffect(() => {
    if (!playback) return
    let kept = Math.floor(playback.state.get().positionMs / 1000)
    return playback.state.subscribe(() => {
      const { isPlaying, positionMs } = playback.state.get()
      const second = Math.floor(positionMs / 1000)
      if (isPlaying || second === kept) return
      kept = second
      void keep(second === 0 ? null : second)
    })
  }, [playback, keep])
}

const STEP_MS = 5_000
const LEAP_MS = 10_000

function usePlayerKeys(playback: Playback | null, turns: readonly { startMs: number }[]) {
  const stepTurn = (direction: 1 | -1) => {
    if (!playback) return
    const target = turns[turnAt(turns, playback.state.get().positionMs) + direction]
    if (target) playback.seek(target.startMs)
  }
  useShortcuts(
    {
      ' ': () => playback?.toggle(),
      k: () => playback?.toggle(),
      j: () => playback?.skip(-LEAP_MS),
      l: () => playback?.skip(LEAP_MS),
      arrowleft: () => playback?.skip(-STEP_MS),
      arrowright: () => playback?.skip(STEP_MS),
      ',': () => stepTurn(-1),
      '.': () => stepTurn(1),
      '<': () => playback?.stepSpeed(-1),
      '>': () => playback?.stepSpeed(1),
    },
    { isEnabled: playback !== null },
  )
}

function CallSkeleton() {
  const t = useTranslations('calls.detail')
  return (
    <Skeleton
      label={t('loading')}
      className="mx-auto flex w-full max-w-[90rem] flex-col px-4 pt-11 md:px-6"
    >
      <h1 className="sr-only">{t('loading')}</h1>
      <Bone className="h-5 w-72" />
      <Bone className="mt-4 w-96 max-w-full" />
      <Bone className="mt-8 h-16" />
      <Bone className="mt-3 h-8 w-48" />
      <div className="mt-8 grid gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Bone className="h-80" />
        <Bone className="h-80 max-lg:hidden" />
      </div>
    </Skeleton>
  )
}

function TranscriptSkeleton() {
  const t = useTranslations('calls.detail')
  const widths = ['w-3/4', 'w-1/2', 'w-5/6', 'w-2/3', 'w-1/3', 'w-3/4']
  return (
    <Skeleton
      label={t('loadingTranscript')}
      className="space-y-6 rounded-card border border-line bg-panel p-4"
    >
      {widths.map((width, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity but their place.
        <div key={row} className="flex gap-4">
          <Bone className="w-8" />
          <Bone className={width} />
        </div>
      ))}
    </Skeleton>
  )
}
