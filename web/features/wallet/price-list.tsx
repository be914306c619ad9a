'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { price } from '#contracts/wallet'
import { ChangedBy } from '../../components/changed-by.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Moment } from '../../components/moment.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { usePlatformPeople } from '../../lib/use-platform-people.ts'

export type Price = z.output<typeof price>

const NOW_MS = 30_000

/** Prices, newest first: those to come, the one in force, those before. */
export function PriceList(props: { caption: string; prices: readonly Price[]; currency: string }) {
  const t = useTranslations('platform.prices')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const people = usePlatformPeople()
  const inForce = priceInForce(props.prices, now)
  return (
    <DataTable
      caption={props.caption}
      rows={props.prices}
      rowKey={(row) => row.id}
      isInCard
      className="rounded-card border border-line bg-panel"
      columns={[
        {
          key: 'from',
          header: t('columns.from'),
          sort: 'descending',
          cell: (row) => <Moment at={row.effectiveFrom} now={now} />,
        },
        {
          key: 'price',
          header: t('columns.price'),
          isNumeric: true,
          cell: (row) =>
            row.pricePerHourCents === null
              ? t('kinds.usual')
              : format.money(row.pricePerHourCents, { currency: props.currency }),
        },
        {
          key: 'mock',
          header: t('columns.mock'),
          isNumeric: true,
          from: 'sm',
          cell: (row) =>
            row.mockPricePercent === null
              ? '–'
              : format.number(row.mockPricePercent / 100, { style: 'percent' }),
        },
        {
          key: 'state',
          header: t('columns.state'),
          cell: (row) => <span className="whitespace-nowrap">{t(stateOf(row, inForce, now))}</span>,
        },
        {
          key: 'by',
          header: t('columns.by'),
          from: 'md',
          cell: (row) => (
            <ChangedBy
              actorId={row.actorId}
              people={people}
              at={row.createdAt}
              reason={row.reason}
            />
          ),
        },
      ]}
    />
  )
}

/** Of prices newest first, the first whose time has come. */
export const priceInForce = (prices: readonly Price[], now: Date): Price | undefined =>
  prices.find((each) => each.effectiveFrom <= now)

const stateOf = (row: Price, inForce: Price | undefined, now: Date) => {
  if (row.effectiveFrom > now) return 'states.toCome' as const
  return row === inForce ? ('states.inForce' as const) : ('states.past' as const)
}
