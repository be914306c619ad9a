'use client'
import { CircleCheck, CircleDashed, SearchX, ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { Call } from '#api/contract/endpoint.ts'
import { type finding, listFindings } from '#contracts/reconciliation'
import { Button } from '../../components/button.tsx'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'

const CorrectDialog = lazy(() =>
  import('./correct-dialog.tsx').then((file) => ({ default: file.CorrectDialog })),
)

const NOW_MS = 30_000

export type Finding = z.output<typeof finding>

/** Newest first; the seconds each clock tells stand side by side, what none told is said to be unknown. */
export function Findings({ query }: { query: Call<typeof listFindings>['query'] }) {
  const t = useTranslations('platform.reconciliation')
  const [asked, ask] = useState<Finding | null>(null)
  const list = useEndpointPages(listFindings, { query })
  const columns = useColumns(ask)
  const isNarrowed = Object.keys(query).length > 0
  return (
    <>
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('end')}
        empty={
          isNarrowed ? (
            <Empty icon={SearchX} title={t('noneMatch')} hint={t('noneMatchHint')} />
          ) : (
            <Empty icon={ShieldCheck} title={t('empty')} hint={t('emptyHint')} />
          )
        }
      >
        {(rows) => (
          <DataTable caption={t('title')} rows={rows} rowKey={({ id }) => id} columns={columns} />
        )}
      </GrowingList>
      {asked && (
        <Suspense fallback={null}>
          <CorrectDialog finding={asked} onClose={() => ask(null)} />
        </Suspense>
      )}
    </>
  )
}

function useColumns(onCorrect: (finding: Finding) => void): Column<Finding>[] {
  const t = useTranslations('platform.reconciliation')
  const format = useFormat()
  const mayCorrect = useMay('wallet.adjust')
  const now = useNow(NOW_MS)
  const seconds = (value: number | null) => (value === null ? t('unknown') : format.duration(value))
  const columns: (Column<Finding> | false)[] = [
    { key: 'kind', header: t('kind'), className: 'py-1.5', cell: (row) => <What row={row} /> },
    {
      key: 'found',
      header: t('found'),
      sort: 'descending',
      from: 'sm',
      cell: ({ foundAt }) => <Moment at={foundAt} now={now} />,
    },
    ...clocks.map(
      (clock): Column<Finding> => ({
        key: clock,
        header: t(`clocks.${clock}`),
        isNumeric: true,
        from: 'lg',
        cell: (row) => seconds(row[clock]),
      }),
    ),
    {
      key: 'charged',
      header: t('charged'),
      isNumeric: true,
      from: 'md',
      cell: ({ chargedCents }) =>
        chargedCents === null ? t('unknown') : format.money(chargedCents),
    },
    { key: 'state', header: t('state'), cell: (row) => <State row={row} /> },
    mayCorrect && {
      key: 'correct',
      header: <span className="sr-only">{t('correct')}</span>,
      cell: (row) =>
        row.state === 'open' && (
          <Button
            size="small"
            aria-label={t('correctOf', { kind: t(`kinds.${row.kind}`) })}
            onClick={() => onCorrect(row)}
          >
            {t('correct')}
          </Button>
        ),
    },
  ]
  return columns.filter((column) => column !== false)
}

const clocks = ['carrierSeconds', 'elevenLabsSeconds', 'gatewaySeconds', 'billedSeconds'] as const

function What({ row }: { row: Finding }) {
  const t = useTranslations('platform.reconciliation')
  return (
    <>
      <span className="block font-medium">{t(`kinds.${row.kind}`)}</span>
      <span className="block text-soft text-xs">{t(`causes.${row.cause}`)}</span>
      <Link
        href={paths.platformOrganization(row.organizationId)}
        className="text-xs underline underline-offset-2 hover:text-brand"
      >
        {row.organizationName}
      </Link>
    </>
  )
}

function State({ row }: { row: Finding }) {
  const t = useTranslations('platform.reconciliation')
  const format = useFormat()
  const isOpen = row.state === 'open'
  return (
    <span className="block py-1">
      <StatusChip
        icon={isOpen ? CircleDashed : CircleCheck}
        tone={isOpen ? 'warn' : 'ok'}
        label={t(`states.${row.state}`)}
      />
      {row.correctedCents !== null && row.correctedCents !== 0 && (
        <span className="block text-xs tabular-nums">
          {format.money(row.correctedCents, { showsSign: true })}
        </span>
      )}
      {row.note && <span className="block text-soft text-xs">{row.note}</span>}
    </span>
  )
}
