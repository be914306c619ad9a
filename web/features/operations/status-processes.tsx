'use client'
import { CircleCheck, CircleX, LogOut, Server } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { processStatus } from '#contracts/operations'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { Moment } from '../../components/moment.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { Section } from './status-features.tsx'

type Process = z.output<typeof processStatus>

const looks = {
  live: { icon: CircleCheck, tone: 'ok' },
  draining: { icon: LogOut, tone: 'warn' },
  lost: { icon: CircleX, tone: 'bad' },
} as const

/** Every process that lives, or did not say that it ended. */
export function StatusProcesses(props: { processes: Process[]; now: Date }) {
  const t = useTranslations('platform.status')
  const columns = useColumns(props.now)
  return (
    <Section title={t('processesTitle')}>
      {props.processes.length === 0 ? (
        <Empty icon={Server} title={t('noProcesses')} />
      ) : (
        <DataTable
          caption={t('processesTitle')}
          columns={columns}
          rows={props.processes}
          rowKey={(row) => row.id}
          isInCard
        />
      )}
    </Section>
  )
}

function useColumns(now: Date): Column<Process>[] {
  const t = useTranslations('platform.status')
  const format = useFormat()
  return [
    {
      key: 'name',
      header: t('columns.process'),
      className: 'w-full max-w-0',
      cell: (row) => (
        <span className="block truncate">
          {t(`kinds.${row.kind}`)}
          {row.kind === 'voice' && <span className="text-soft"> {row.name}</span>}
        </span>
      ),
    },
    {
      key: 'state',
      header: t('columns.state'),
      cell: (row) => <StatusChip {...looks[row.state]} label={t(`processStates.${row.state}`)} />,
    },
    {
      key: 'calls',
      header: t('columns.calls'),
      isNumeric: true,
      from: 'sm',
      cell: (row) => (row.gateway ? format.number(row.gateway.calls) : '–'),
    },
    {
      key: 'delay',
      header: t('columns.delay'),
      isNumeric: true,
      from: 'md',
      className: 'whitespace-nowrap',
      cell: (row) => t('ms', { ms: format.number(row.eventLoopDelayMs) }),
    },
    {
      key: 'breakers',
      header: t('columns.breakers'),
      from: 'md',
      cell: (row) => <Breakers process={row} />,
    },
    {
      key: 'version',
      header: t('columns.version'),
      from: 'lg',
      cell: (row) => <code className="text-xs">{row.version}</code>,
    },
    {
      key: 'started',
      header: t('columns.started'),
      from: 'lg',
      cell: (row) => <Moment at={row.startedAt} now={now} />,
    },
    {
      key: 'seen',
      header: t('columns.seen'),
      cell: (row) => <Moment at={row.seenAt} now={now} style="ago" />,
    },
  ]
}

function Breakers({ process }: { process: Process }) {
  const t = useTranslations('platform.status')
  const { breakers, tenantAccountsAway } = process
  if (breakers.length === 0 && tenantAccountsAway === 0) return '–'
  const open = breakers.map(({ vendor, state }) =>
    t(`breakers.${state}`, { vendor: t(`hops.${vendor}`) }),
  )
  const tenants = tenantAccountsAway > 0 ? [t('tenantAccounts', { count: tenantAccountsAway })] : []
  return <span className="text-warn text-xs">{[...open, ...tenants].join(', ')}</span>
}
