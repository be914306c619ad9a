'use client'
import { Radio } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { type Step, Stepper } from '../../components/stepper.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useReasonText } from './call-bits.tsx'
import {
  type Call,
  isAboutMoney,
  isFinal,
  isRunning,
  lastingState,
  type RecordingState,
  recordingState,
} from './call-status.ts'
import { CancelCall } from './cancel-call.tsx'

/** What is special about a call right now: it goes on, it is being worked up, it never came to be, it cannot be heard. */
export function CallNotice(props: { call: Call; hasTurns: boolean; now: Date }) {
  const { call } = props
  const heard = recordingState(call, props.now)
  if (isRunning(call.state)) return <RunningNotice call={call} />
  if (lastingState(call) === 'refused') return <RefusedNotice call={call} />
  if (lastingState(call) === 'failed' && !call.liveAt) return <FailedNotice call={call} />
  const isWorkedUp = isFinal(call.state) && heard !== 'pending'
  if (!isWorkedUp) return <Processing {...props} heard={heard} />
  if (heard === 'none') return <NoRecording hasTurns={props.hasTurns} />
  return hasHoles(call) ? <Incomplete hasTurns={props.hasTurns} /> : null
}

const hasHoles = ({ recording }: Call): boolean =>
  recording !== null && (recording.lostRecords > 0 || recording.isTorn)

const Card = (props: { children: ReactNode; action?: ReactNode }) => (
  <div className="mb-3 flex flex-wrap items-center justify-between gap-3 rounded-card border border-line bg-panel px-4 py-3">
    <div className="min-w-0">{props.children}</div>
    {props.action}
  </div>
)

function RunningNotice({ call }: { call: Call }) {
  const t = useTranslations('calls.notice')
  const mayListen = useMay('calls.listen')
  return (
    <Card
      action={
        mayListen && (
          <span className="flex flex-wrap gap-2">
            <CancelCall call={call} />
            <Button kind="primary" asChild>
              <Link href={paths.liveCall(call.id)}>
                <Radio aria-hidden className="size-4" />
                {t('watch')}
              </Link>
            </Button>
          </span>
        )
      }
    >
      <p className="font-medium">{t('running')}</p>
      <p className="text-soft">{t('runningHint')}</p>
    </Card>
  )
}

function RefusedNotice({ call }: { call: Call }) {
  const t = useTranslations('calls.notice')
  const reasonText = useReasonText()
  const paysHere = useMay('wallet.top-up')
  const isForMoney = isAboutMoney(call.reason) || call.billingStatus === 'blocked'
  return (
    <Card
      action={
        isForMoney &&
        paysHere && (
          <Button kind="primary" asChild>
            <Link href={paths.wallet()}>{t('topUp')}</Link>
          </Button>
        )
      }
    >
      <p className="font-medium">{isForMoney ? t('blocked') : t('refused')}</p>
      <p className="text-soft">
        {isForMoney
          ? t(paysHere ? 'blockedHintAdmin' : 'blockedHint')
          : t('refusedHint', { reason: reasonText(call.reason) })}
      </p>
    </Card>
  )
}

function FailedNotice({ call }: { call: Call }) {
  const t = useTranslations('calls.notice')
  const reasonText = useReasonText()
  return (
    <Card>
      <p className="font-medium">{t('failed')}</p>
      <p className="text-soft">{t('failedHint', { reason: reasonText(call.reason) })}</p>
    </Card>
  )
}

function NoRecording({ hasTurns }: { hasTurns: boolean }) {
  const t = useTranslations('calls.notice')
  return (
    <Card>
      <p className="font-medium">{t('noRecording')}</p>
      <p className="text-soft">{hasTurns ? t('noRecordingHint') : t('noRecordingNoTurns')}</p>
    </Card>
  )
}

function Incomplete({ hasTurns }: { hasTurns: boolean }) {
  const t = useTranslations('calls.notice')
  return (
    <Card>
      <p className="font-medium">{t('incomplete')}</p>
      <p className="text-soft">{t(hasTurns ? 'incompleteHint' : 'incompleteNoTurns')}</p>
    </Card>
  )
}

function Processing(props: { call: Call; hasTurns: boolean; heard: RecordingState }) {
  const t = useTranslations('calls.notice')
  const format = useFormat()
  const { call, heard, hasTurns } = props
  const time = (at: Date | null | undefined) => (at ? format.clock(at) : undefined)
  const step = (
    key: 'call' | 'transcript' | 'recording' | 'billing',
    state: Step['state'],
    at?: Date | null,
  ): Step => ({
    key,
    label: t(`steps.${key}`),
    state,
    stateLabel: t(`stepStates.${state}`),
    note: time(at),
  })
  const isOver = call.state === 'ended' || isFinal(call.state)
  return (
    <Card>
      <p className="mb-2 font-medium" role="status">
        {t('processing')}
      </p>
      <Stepper
        label={t('stepsLabel')}
        steps={[
          step('call', 'done', call.endedAt),
          step('transcript', hasTurns || isOver ? 'done' : 'running'),
          step('recording', recordingSteps[heard], call.recording?.storedAt),
          step('billing', call.settledAt ? 'done' : 'running', call.settledAt),
        ]}
      />
    </Card>
  )
}

const recordingSteps: Record<RecordingState, Step['state']> = {
  stored: 'done',
  pending: 'running',
  none: 'failed',
  never: 'waiting',
}
