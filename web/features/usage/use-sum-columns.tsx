'use client'
import { useTranslations } from 'use-intl'
import type { Column } from '../../components/data-table.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { type Sums, vendorCostCents } from './metrics.ts'

/** The columns of whatever is summed up: by day or by organization. */
export function useSumColumns<Row extends Sums>(): Column<Row>[] {
  const t = useTranslations('platform.sums')
  const format = useFormat()
  return [
    {
      key: 'calls',
      header: t('calls'),
      isNumeric: true,
      cell: (row) => format.number(row.calls),
    },
    {
      key: 'hours',
      header: t('hours'),
      isNumeric: true,
      className: 'whitespace-nowrap',
      cell: (row) => format.hours(row.billableSeconds),
    },
    {
      key: 'revenue',
      header: t('revenue'),
      isNumeric: true,
      cell: (row) => format.money(row.chargedCents),
    },
    {
      key: 'vendorCost',
      header: t('vendorCost'),
      isNumeric: true,
      from: 'sm',
      cell: (row) => {
        const cents = vendorCostCents(row)
        return cents === null ? (
          <span className="text-soft">{t('unknown')}</span>
        ) : (
          format.money(cents)
        )
      },
    },
    {
      key: 'withoutCost',
      header: t('withoutCost'),
      isNumeric: true,
      from: 'lg',
      cell: (row) => format.number(row.callsWithoutVendorCost),
    },
  ]
}
