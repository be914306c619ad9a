'use client'
import { useTranslations } from 'use-intl'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { CallStatus, useReasonText } from './call-bits.tsx'
import { type Call, isRunning } from './call-status.ts'

const NOW_MS = 30_000 // The line shows minutes.

/** The call in a line: state, when, how long, cost, agent, how it ended. */
export function CallFactsLine({ call }: { call: Call }) {
  const t = useTranslations('calls.facts')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const reasonText = useReasonText()
  const seesCost = useMay('wallet.read')
  return (
    <ul
      aria-label={t('label')}
      className="flex flex-wrap items-center gap-x-4 gap-y-1 [&>li]:whitespace-nowrap"
    >
      <li>
        <CallStatus call={call} />
      </li>
      <li>
        <Moment at={call.createdAt} now={now} />
      </li>
      {call.durationSeconds !== null && (
        <li className="tabular-nums">
          <span className="sr-only">{t('duration')} </span>
          {format.duration(call.durationSeconds)}
        </li>
      )}
      {seesCost && call.costCents !== null && (
        <li className="tabular-nums">
          <span className="sr-only">{t('cost')} </span>
          {format.money(call.costCents)}
        </li>
      )}
      {call.agentName && (
        <li>
          <span className="text-soft">{t('agent')} </span>
          {call.agentName}
        </li>
      )}
      {!isRunning(call.state) && <li className="text-soft">{reasonText(call.reason)}</li>}
    </ul>
  )
}
