'use client'
import { CircleCheck, CircleDashed, CircleX, Clock, CreditCard } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { listTopUps, type topUp } from '#contracts/wallet'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useRefusalText } from './use-refusal-text.ts'

const NOW_MS = 60_000
const OPEN_MS = 10_000 // One that is open is paid or refused soon.

type TopUp = z.output<typeof topUp>

const looks = {
  pending: { icon: CircleDashed, tone: 'neutral' },
  paid: { icon: CircleCheck, tone: 'ok' },
  expired: { icon: Clock, tone: 'neutral' },
  canceled: { icon: CircleX, tone: 'neutral' },
  failed: { icon: CircleX, tone: 'bad' },
} as const

/** Money paid in or asked for: what became of it, its receipt, or the page on which it still can be paid. */
export function Payments() {
  const t = useTranslations('wallet.payments')
  const list = useEndpointPages(
    listTopUps,
    { query: {} },
    {
      refetchInterval: (pages) =>
        pages.length === 1 && pages[0]?.items.some(({ state }) => state === 'pending')
          ? OPEN_MS
          : false,
    },
  )
  const columns = useColumns()
  return (
    <GrowingList
      list={list}
      loading={t('loading')}
      failed={t('failed')}
      end={t('end')}
      empty={<Empty icon={CreditCard} title={t('empty')} hint={t('emptyHint')} />}
    >
      {(payments) => (
        <DataTable
          caption={t('caption')}
          rows={payments}
          rowKey={({ id }) => id}
          columns={columns}
        />
      )}
    </GrowingList>
  )
}

function useColumns(): Column<TopUp>[] {
  const t = useTranslations('wallet.payments')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return [
    {
      key: 'time',
      header: t('time'),
      sort: 'descending',
      cell: ({ createdAt }) => <Moment at={createdAt} now={now} />,
    },
    {
      key: 'state',
      header: t('state'),
      cell: (payment) => <State payment={payment} />,
    },
    {
      key: 'origin',
      header: t('origin'),
      from: 'sm',
      cell: ({ origin }) => t(`origins.${origin}`),
    },
    {
      key: 'amount',
      header: t('amount'),
      isNumeric: true,
      cell: ({ receivedCents, amountCents, currency }) =>
        format.money(receivedCents ?? amountCents, { currency }),
    },
    {
      key: 'next',
      header: <span className="sr-only">{t('next')}</span>,
      cell: (payment) => <Next payment={payment} />,
    },
  ]
}

function State({ payment }: { payment: TopUp }) {
  const t = useTranslations('wallet.payments')
  const refusalText = useRefusalText()
  const { state, failureCode } = payment
  return (
    <span className="block py-1">
      <StatusChip {...looks[state]} label={t(`states.${state}`)} />
      {failureCode && state !== 'paid' && (
        <span className="block text-soft text-xs">{refusalText(failureCode)}</span>
      )}
    </span>
  )
}

function Next({ payment }: { payment: TopUp }) {
  const t = useTranslations('wallet.return')
  const linkClass = 'whitespace-nowrap underline underline-offset-2 hover:text-brand'
  if (payment.receiptUrl) {
    return (
      <a href={payment.receiptUrl} target="_blank" rel="noreferrer" className={linkClass}>
        {t('receipt')}
        <span className="sr-only"> {t('newTab')}</span>
      </a>
    )
  }
  if (payment.state !== 'pending' || !payment.checkoutUrl) return null
  return (
    <a href={payment.checkoutUrl} className={linkClass}>
      {t('goOn')}
    </a>
  )
}
