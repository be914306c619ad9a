'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getStatement, type statement } from '#contracts/wallet'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'

type Statement = z.output<typeof statement>

/** One month from its opening to its closing balance, one kind of movement a line. */
export function StatementOfMonth({ month }: { month: string }) {
  const t = useTranslations('wallet.statements')
  const asked = useEndpoint(getStatement, { params: { month } })
  if (asked.data) return <Lines told={asked.data} />
  if (asked.error) {
    return (
      <ErrorBox
        title={t('oneFailed')}
        error={asked.error}
        onRetry={() => void asked.refetch()}
        isRetrying={asked.isFetching}
      />
    )
  }
  return (
    <Skeleton label={t('loadingOne')} className="space-y-3 py-2">
      <Bone className="w-1/2" />
      <Bone className="w-1/3" />
      <Bone className="w-1/2" />
    </Skeleton>
  )
}

function Lines({ told }: { told: Statement }) {
  const t = useTranslations('wallet.statements')
  const kindName = useTranslations('wallet.statements.kinds')
  const callName = useTranslations('wallet.statements.calls')
  const format = useFormat()
  const { currency } = told
  const money = (cents: number) => format.money(cents, { currency })
  const signed = (cents: number) => format.money(cents, { currency, showsSign: true })
  return (
    <dl className="max-w-lg divide-y divide-line pt-1">
      <Line name={t('opening')} value={money(told.openingCents)} isSum />
      {told.credits.map(({ kind, lines, amountCents }) => (
        <Line
          key={`credit-${kind}`}
          name={kindName(kind)}
          note={t('lines', { lines })}
          value={signed(amountCents)}
        />
      ))}
      {told.charges.map(({ kind, calls, billedSeconds, amountCents }) => (
        <Line
          key={`charge-${kind}`}
          name={callName(kind)}
          note={t('callsOf', { calls, time: format.duration(billedSeconds) })}
          value={signed(-amountCents)}
        />
      ))}
      {told.debits.map(({ kind, lines, amountCents }) => (
        <Line
          key={`debit-${kind}`}
          name={kindName(kind)}
          note={t('lines', { lines })}
          value={signed(-amountCents)}
        />
      ))}
      <Line
        name={t(told.isComplete ? 'closing' : 'soFar')}
        note={told.closingHeldCents > 0 && t('held', { held: money(told.closingHeldCents) })}
        value={money(told.closingCents)}
        isSum
      />
    </dl>
  )
}

const Line = (props: { name: string; note?: ReactNode; value: string; isSum?: boolean }) => (
  <div className="flex items-baseline gap-3 py-1.5">
    <dt className={props.isSum ? 'font-medium' : undefined}>
      {props.name}
      {props.note && <span className="ml-2 text-soft text-xs">{props.note}</span>}
    </dt>
    <dd className={`ml-auto tabular-nums ${props.isSum ? 'font-medium' : ''}`}>{props.value}</dd>
  </div>
)
