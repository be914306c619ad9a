'use client'
import {
  CircleCheck,
  CircleDashed,
  CircleX,
  Hourglass,
  LoaderCircle,
  TriangleAlert,
} from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../../components/status-chip.tsx'
import type { TestRun, Verdict as VerdictKey } from './test-types.ts'

const looks = {
  passed: { icon: CircleCheck, tone: 'ok' },
  failed: { icon: CircleX, tone: 'bad' },
  broken: { icon: TriangleAlert, tone: 'warn' },
  running: { icon: LoaderCircle, tone: 'brand', isPulsing: true },
  queued: { icon: Hourglass, tone: 'neutral' },
  not_run: { icon: CircleDashed, tone: 'neutral' },
} as const

export function Verdict(props: { verdict: VerdictKey; className?: string }) {
  const t = useTranslations('agentTests.verdict')
  const { verdict, className } = props
  return <StatusChip {...looks[verdict]} label={t(verdict)} {...(className && { className })} />
}

/** Why a run came to no verdict, and what to do; a vendor's own words to it. */
export function BrokenReason({ run }: { run: Pick<TestRun, 'reason' | 'detail'> }) {
  const t = useTranslations('agentTests')
  if (!run.reason) return null
  return (
    <>
      {t(`reasons.${run.reason}`)}
      {run.detail && (
        <>
          {' '}
          {t('result.vendorSays')} <q className="break-words text-ink">{run.detail}</q>
        </>
      )}
    </>
  )
}
