'use client'
import { ArrowUpRight, X } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { getCall } from '#contracts/calls'
import { getTranscript } from '#contracts/transcripts'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Phone } from '../../components/phone.tsx'
import { Player } from '../../components/player/player.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { TurnRow } from '../../components/transcript/turn-row.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { CallFactsLine } from './call-facts-line.tsx'
import { type Call, isRunning, otherNumber } from './call-status.ts'
import { useRecording } from './use-recording.ts'

const FIRST_TURNS = 8 // Enough to recognise a call by; the rest is one key away.

/** A look at a call without leaving the list: what it was, its first turns, and play. */
export function CallPeek({ callId, onClose }: { callId: string; onClose(): void }) {
  const t = useTranslations('calls.peek')
  const found = useEndpoint(getCall, { params: { callId } })
  return (
    <aside
      aria-label={t('label')}
      className="sticky top-12 z-20 flex h-[calc(100dvh-3rem)] w-[26rem] shrink-0 animate-slide-in flex-col border-line border-l bg-panel max-lg:fixed max-lg:inset-x-0 max-lg:w-auto"
    >
      <div className="flex h-12 shrink-0 items-center gap-2 border-line border-b pr-2 pl-4">
        <h2 className="min-w-0 grow truncate font-semibold">
          {found.data ? <Phone number={otherNumber(found.data)} /> : t('label')}
        </h2>
        <Button kind="plain" size="small" asChild>
          <Link href={paths.call(callId)}>
            {t('open')}
            <ArrowUpRight aria-hidden className="size-3.5" />
          </Link>
        </Button>
        <IconButton label={t('close')} shortcut="Esc" onClick={onClose}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="min-h-0 grow overflow-y-auto p-4">
        {found.isPending && <PeekSkeleton />}
        {found.error && (
          <ErrorBox
            title={found.error.status === 404 ? t('notFound') : t('failed')}
            error={found.error}
            {...(found.error.isPassing && { onRetry: () => void found.refetch() })}
          />
        )}
        {found.data && <PeekBody call={found.data} />}
      </div>
    </aside>
  )
}

function PeekBody({ call }: { call: Call }) {
  const t = useTranslations('calls.peek')
  const transcript = useEndpoint(getTranscript, { params: { callId: call.id } })
  const recording = useRecording(call)
  const turns = transcript.data?.turns ?? []
  return (
    <div className="space-y-4">
      <CallFactsLine call={call} />
      {isRunning(call.state) && (
        <Button kind="plain" asChild>
          <Link href={paths.liveCall(call.id)}>{t('watch')}</Link>
        </Button>
      )}
      {recording.playback && (
        <Player playback={recording.playback} peaks={recording.peaks.data} isCompact />
      )}
      {call.vendorSummary && <p className="text-pretty">{call.vendorSummary}</p>}
      {transcript.error && (
        <ErrorBox
          title={t('transcriptFailed')}
          error={transcript.error}
          onRetry={() => void transcript.refetch()}
        />
      )}
      {turns.length > 0 && (
        <section aria-label={t('turns')}>
          <ol className="-mx-2">
            {turns.slice(0, FIRST_TURNS).map((turn) => (
              <TurnRow
                key={turn.seq}
                turn={turn}
                onSeek={recording.playback ? (ms) => recording.playback?.seek(ms) : undefined}
              />
            ))}
          </ol>
          {turns.length > FIRST_TURNS && (
            <Link
              href={paths.call(call.id)}
              className="mt-2 inline-block text-brand text-xs hover:underline"
            >
              {t('moreTurns', { count: turns.length - FIRST_TURNS })}
            </Link>
          )}
        </section>
      )}
    </div>
  )
}

function PeekSkeleton() {
  const t = useTranslations('calls.peek')
  return (
    <Skeleton label={t('loading')} className="space-y-4">
      <Bone className="w-3/4" />
      <Bone className="h-12" />
      <Bone className="w-2/3" />
      <Bone />
      <Bone className="w-5/6" />
      <Bone className="w-1/2" />
    </Skeleton>
  )
}
