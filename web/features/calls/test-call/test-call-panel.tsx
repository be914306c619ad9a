'use client'
import { useQueryClient } from '@tanstack/react-query'
import { Keyboard, Mic, PhoneOff } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import {
  createLiveTicket,
  endCallByHand,
  getCall,
  listCalls,
  startTestCall,
} from '#contracts/calls'
import { getWallet, getWalletStatus } from '#contracts/wallet'
import { Button } from '../../../components/button.tsx'
import { useErrorText } from '../../../components/error-box.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { endpointKey, useApi } from '../../../lib/api/use-endpoint.tsx'
import { paths } from '../../../lib/paths.ts'
import { useMay } from '../../../lib/session.tsx'
import { useStore } from '../../../lib/store.ts'
import { useCallRefusal } from '../../../lib/use-call-refusal.ts'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { useReasonText } from '../call-bits.tsx'
import { EventFeed, LivePanel } from '../live-panel.tsx'
import { Keypad } from './keypad.tsx'
import { TestCall, type TestCallEnd, type TestCallWay } from './test-call.ts'
import { TestTranscript } from './test-transcript.tsx'
import { TypeLine } from './type-line.tsx'

export type TestCallPanelProps = {
  agentId: string
  /** What is on the screen is not what is saved: a test would be of something else. */
  isDirty: boolean
  /** Saves the draft; false where that did not come about. */
  saveDraft(): Promise<boolean>
}

/** Calls the draft from this page, by voice or by typing, and shows what was said and how fast. */
export function TestCallPanel(props: TestCallPanelProps) {
  return useMay('agents.write') ? <Panel {...props} /> : null
}

function Panel({ agentId, isDirty, saveDraft }: TestCallPanelProps) {
  const t = useTranslations('testCall')
  const [call, setCall] = useState<TestCall | null>(null)
  const [isSaving, setSaving] = useState(false)
  const open = useOpenCall(agentId)
  // The editor may be left in the middle of a call, and while the draft is saved for one.
  useEffect(() => () => call?.leave(), [call])
  const isHere = useIsHere()

  const start = async (way: TestCallWay) => {
    if (isDirty) {
      setSaving(true)
      const isSaved = await saveDraft().finally(() => setSaving(false))
      if (!isSaved || !isHere.current) return
    }
    const made = open(way)
    setCall(made)
    await made.start()
  }

  return (
    <section
      aria-labelledby="test-call"
      className="space-y-3 rounded-card border border-line bg-panel p-4"
    >
      <div>
        <h2 id="test-call" className="font-semibold text-base">
          {t('title')}
        </h2>
        <p className="text-soft text-xs">{isDirty ? t('savesFirst') : t('hint')}</p>
      </div>
      {call ? (
        <Shown call={call} isSaving={isSaving} onStart={(way) => void start(way)} />
      ) : (
        <Starters isSaving={isSaving} onStart={(way) => void start(way)} />
      )}
    </section>
  )
}

/** Whether this is still on the screen, for what goes on after a wait. */
function useIsHere() {
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  return isHere
}

/** Makes a call that is asked for once, however often its request is sent. */
function useOpenCall(agentId: string): (way: TestCallWay) => TestCall {
  const api = useApi()
  return (way) => {
    const idempotencyKey = crypto.randomUUID()
    const params = () => ({ callId: call.state.get().callId ?? '' })
    const call = new TestCall(way, {
      start: () =>
        api(startTestCall, { params: { agentId }, body: { by: way } }, { idempotencyKey }),
      createTicket: (signal) => api(createLiveTicket, { params: params() }, { signal }),
      stateNow: async (signal) => (await api(getCall, { params: params() }, { signal })).state,
      giveUp: (callId) => api(endCallByHand, { params: { callId } }),
    })
    return call
  }
}

function Starters(props: {
  isAgain?: boolean
  isSaving: boolean
  onStart(way: TestCallWay): void
}) {
  const t = useTranslations('testCall')
  const paused = useWriteRefusal()
  const unpaid = useCallRefusal('test')
  const refusal = paused ?? unpaid
  return (
    <div className="flex flex-wrap gap-2">
      <GuardedButton
        kind="primary"
        refusal={refusal}
        disabled={props.isSaving}
        onClick={() => props.onStart('voice')}
      >
        <Mic aria-hidden className="size-4" />
        {props.isAgain ? t('callAgain') : t('call')}
      </GuardedButton>
      <GuardedButton
        refusal={refusal}
        disabled={props.isSaving}
        onClick={() => props.onStart('text')}
      >
        <Keyboard aria-hidden className="size-4" />
        {t('type')}
      </GuardedButton>
    </div>
  )
}

function Shown(props: { call: TestCall; isSaving: boolean; onStart(way: TestCallWay): void }) {
  const { call } = props
  const t = useTranslations('testCall')
  const phase = useStore(call.state, (state) => state.phase)
  const callId = useStore(call.state, (state) => state.callId)
  const end = useStore(call.state, (state) => state.end)
  const hasMeter = useStore(call.feed.state, (state) => state.meter !== null)
  return (
    <>
      {phase === 'starting' && (
        <p role="status" className="text-soft">
          {t(callId === null && call.way === 'voice' ? 'askingMicrophone' : 'connecting')}
        </p>
      )}
      {end && <Ended call={call} end={end} />}
      {hasMeter && <LivePanel feed={call.feed} />}
      {hasMeter && <TestTranscript feed={call.feed} />}
      {phase === 'live' && <TypeLine key={callId} isMain={call.way === 'text'} call={call} />}
      {phase === 'live' && <Keypad onPress={(digit) => call.press(digit)} />}
      {phase === 'ended' ? (
        <Starters isAgain isSaving={props.isSaving} onStart={props.onStart} />
      ) : (
        <Button kind="danger" onClick={() => call.hangUp()}>
          <PhoneOff aria-hidden className="size-4" />
          {t('hangUp')}
        </Button>
      )}
      {callId && phase === 'ended' && hasMeter && (
        <Link
          href={paths.call(callId)}
          className="inline-flex min-h-6 items-center text-brand hover:underline"
        >
          {t('toCall')}
        </Link>
      )}
      {hasMeter && (
        <details>
          <summary className="min-h-6 w-fit text-soft">{t('events')}</summary>
          <EventFeed feed={call.feed} />
        </details>
      )}
    </>
  )
}

/** What came of the call, and what a person can do about it. */
function Ended({ call, end }: { call: TestCall; end: TestCallEnd }) {
  const t = useTranslations('testCall.end')
  const explain = useErrorText()
  const reasonText = useReasonText()
  const reason = useStore(call.feed.state, (state) => state.endReason)
  useFreshFigures()
  if (end.why === 'over')
    return (
      <p role="status" className="text-soft">
        {reason ? t('overBecause', { reason: reasonText(reason) }) : t('over')}
      </p>
    )
  return (
    <p role="alert" className="rounded-control bg-bad/10 px-3 py-2">
      {end.why === 'microphone'
        ? t(`microphone.${end.fault}`)
        : end.why === 'refused'
          ? t('refused', { because: explain(end.error) })
          : t(end.why)}
    </p>
  )
}

/** The call is in the lists and paid for: what was read of them before is out of date. */
function useFreshFigures(): void {
  const queries = useQueryClient()
  useEffect(() => {
    for (const declared of [listCalls, getWallet, getWalletStatus])
      void queries.invalidateQueries({ queryKey: endpointKey(declared) })
  }, [queries])
}
