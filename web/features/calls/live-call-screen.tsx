'use client'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { getCall, listCalls } from '#contracts/calls'
import { getWallet, getWalletStatus } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Forbidden, NotFound } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { endpointKey, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useStore } from '../../lib/store.ts'
import { directionKey, useReasonText } from './call-bits.tsx'
import { type Call, isRunning, isSettingUp, otherNumber } from './call-status.ts'
import type { LiveFeed } from './live-feed.ts'
import { EndCall, EventFeed, LivePanel } from './live-panel.tsx'
import { LiveTranscript } from './live-transcript.tsx'
import { useLiveFeed } from './use-live-feed.ts'

const SETUP_MS = 1_000 // from the carrier's question to the first media it is a second or three

/** A running call as it goes: what is said, how loud, how long, how much; then where to read it. */
export function LiveCallScreen({ callId }: { callId: string }) {
  const t = useTranslations('live.call')
  const mayListen = useMay('calls.listen')
  const found = useEndpoint(
    getCall,
    { params: { callId } },
    {
      enabled: mayListen,
      refetchInterval: ({ state }) =>
        state.data && isSettingUp(state.data.state) ? SETUP_MS : false,
    },
  )
  if (!mayListen) return <Forbidden needs="calls.listen" />
  if (found.data) return <Loaded key={callId} call={found.data} />
  if (found.isPending) {
    return (
      <Skeleton label={t('loading')} className="space-y-4 px-4 pt-11 md:px-6">
        <h1 className="sr-only">{t('loading')}</h1>
        <Bone className="h-5 w-72" />
        <Bone className="h-80" />
      </Skeleton>
    )
  }
  // 400: what stands in the address is no id at all.
  if (found.error.status === 404 || found.error.status === 400) {
    return (
      <NotFound title={t('notFound')} hint={t('notFoundHint')}>
        <Button asChild>
          <Link href={paths.live()}>{t('toWall')}</Link>
        </Button>
      </NotFound>
    )
  }
  if (found.error.status === 403) return <Forbidden needs="calls.read-own" />
  return (
    <div className="p-4 md:p-6">
      <ErrorBox title={t('failed')} error={found.error} onRetry={() => void found.refetch()} />
    </div>
  )
}

function Loaded({ call }: { call: Call }) {
  const t = useTranslations('live.call')
  const tDetail = useTranslations('calls.detail')
  // A call that is still being set up has no gateway to ask yet.
  const feed = useLiveFeed(call.id, isRunning(call.state) && !isSettingUp(call.state))
  return (
    <div className="mx-auto flex w-full max-w-[90rem] min-w-0 grow flex-col px-4 pt-4 pb-6 md:px-6">
      <Link
        href={paths.live()}
        className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-3.5" />
        {t('toWall')}
      </Link>
      <PageHeader
        title={tDetail(`titles.${directionKey(call)}`, { number: formatPhone(otherNumber(call)) })}
        note={call.agentName}
        actions={feed && <EndCall call={call} feed={feed} />}
      />
      {feed ? (
        <Running call={call} feed={feed} />
      ) : isSettingUp(call.state) ? (
        <Connecting />
      ) : (
        <Over call={call} reason={call.reason} />
      )}
    </div>
  )
}

function Connecting() {
  const t = useTranslations('live.call')
  return (
    <p role="status" className="appear-late text-soft">
      {t('connecting')}
    </p>
  )
}

function Running({ call, feed }: { call: Call; feed: LiveFeed }) {
  const t = useTranslations('live.call')
  const queries = useQueryClient()
  const phase = useStore(feed.state, (state) => state.phase)
  const endReason = useStore(feed.state, (state) => state.endReason)
  const error = useStore(feed.state, (state) => state.error)

  // The call may have ended between two looks at it; the lists, the call itself and the balance are then out of date.
  useEffect(() => {
    if (phase !== 'ended' && phase !== 'unavailable') return
    void queries.invalidateQueries({ queryKey: endpointKey(getCall) })
    void queries.invalidateQueries({ queryKey: endpointKey(listCalls) })
    void queries.invalidateQueries({ queryKey: endpointKey(getWallet) })
    void queries.invalidateQueries({ queryKey: endpointKey(getWalletStatus) })
  }, [phase, queries])

  return (
    <>
      <div className="mt-3 space-y-2">
        {phase === 'connecting' && <Connecting />}
        {phase === 'reconnecting' && (
          <p role="alert" className="rounded-card border border-line bg-warn/10 px-4 py-2">
            {t('reconnecting')}
          </p>
        )}
        {phase === 'unavailable' && (
          <ErrorBox title={t('unavailable')} error={error} onRetry={() => feed.retry()} />
        )}
        {phase === 'ended' && <Over call={call} reason={endReason ?? call.reason} />}
      </div>
      <div className="mt-3 grid grid-rows-[auto_1fr] items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="lg:col-start-2">
          <LivePanel feed={feed} />
        </div>
        <div className="lg:col-start-1 lg:row-span-2 lg:row-start-1">
          <LiveTranscript feed={feed} />
        </div>
        <EventFeed feed={feed} />
      </div>
    </>
  )
}

function Over({ call, reason }: { call: Call; reason: string }) {
  const t = useTranslations('live.call')
  const reasonText = useReasonText()
  return (
    <div
      role="status"
      className="mt-3 flex flex-wrap items-center justify-between gap-3 rounded-card border border-line bg-panel px-4 py-3"
    >
      <div>
        <p className="font-medium">{t('ended')}</p>
        <p className="text-soft">{t('endedHint', { reason: reasonText(reason) })}</p>
      </div>
      <Button kind="primary" asChild>
        <Link href={paths.call(call.id)}>{t('toDetail')}</Link>
      </Button>
    </div>
  )
}
