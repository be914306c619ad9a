'use client'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Phone } from '../../components/phone.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { AgentCell } from './agent-cell.tsx'
import { Capabilities } from './capabilities.tsx'
import { NumberState } from './number-state.tsx'
import type { PhoneNumber } from './phone-number.ts'

export function NumbersTable(props: {
  numbers: readonly PhoneNumber[]
  onOpen(phoneNumberId: string): void
}) {
  const t = useTranslations('numbers.list')
  return (
    <DataTable
      caption={t('caption')}
      columns={useColumns()}
      rows={props.numbers}
      rowKey={(number) => number.id}
      onPick={props.onOpen}
    />
  )
}

function useColumns(): Column<PhoneNumber>[] {
  const t = useTranslations('numbers')
  const format = useFormat()
  return useMemo(
    () => [
      {
        key: 'number',
        header: t('list.columns.number'),
        className: 'py-1.5',
        cell: ({ id, e164, label }) => (
          <>
            <Link
              href={paths.number(id)}
              data-row-action
              className="rounded-sm font-medium hover:underline"
            >
              <Phone number={e164} />
            </Link>
            {label && (
              <span
                title={label}
                className="block max-w-28 truncate text-soft text-xs @lg:max-w-44"
              >
                {label}
              </span>
            )}
          </>
        ),
      },
      {
        key: 'agent',
        header: t('list.columns.agent'),
        className: 'py-1.5',
        cell: (number) => <AgentCell number={number} />,
      },
      {
        key: 'state',
        header: t('list.columns.state'),
        className: 'py-1.5',
        cell: (number) => <NumberState number={number} />,
      },
      {
        key: 'route',
        header: t('list.columns.route'),
        from: 'lg',
        cell: ({ route }) => t(`routes.${route}.name`),
      },
      {
        key: 'capabilities',
        header: t('list.columns.capabilities'),
        from: 'md',
        cell: ({ capabilities }) => <Capabilities of={capabilities} />,
      },
      {
        key: 'calls',
        header: t('list.columns.calls'),
        from: 'sm',
        isNumeric: true,
        className: 'whitespace-nowrap',
        cell: ({ e164, callsLast7Days }) =>
          callsLast7Days > 0 ? (
            <Link
              href={paths.calls({ number: e164 })}
              className="rounded-sm underline underline-offset-2 hover:text-brand"
            >
              {format.number(callsLast7Days)}
            </Link>
          ) : (
            '0'
          ),
      },
    ],
    [t, format],
  )
}
