'use client'
import { CircleAlert, CircleCheck, CircleDashed, CircleX, FlaskConical } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import type { platformStatus } from '#contracts/operations'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { StatusChip } from '../../components/status-chip.tsx'

type Status = z.output<typeof platformStatus>
type Hop = Status['hops'][number]

const NAME = '@lg:whitespace-nowrap' // the reasons beside it take the room that is left

/** What people use, and below it what that stands on. */
export function StatusFeatures({ status }: { status: Status }) {
  const t = useTranslations('platform.status')
  const reason = useReason()
  const hopOf = (name: Hop['name'] | null) => status.hops.find((hop) => hop.name === name)
  const features: Column<Status['features'][number]>[] = [
    {
      key: 'name',
      header: t('columns.feature'),
      className: NAME,
      cell: (row) => t(`features.${row.name}`),
    },
    { key: 'state', header: t('columns.state'), cell: (row) => <State state={row.state} /> },
    {
      key: 'failing',
      header: t('columns.why'),
      className: 'w-full',
      cell: (row) => {
        const hop = hopOf(row.failing)
        return hop && <Why name={t(`hops.${key(hop.name)}`)} text={reason(hop)} />
      },
    },
  ]
  const hops: Column<Hop>[] = [
    {
      key: 'name',
      header: t('columns.hop'),
      className: NAME,
      cell: (row) => t(`hops.${key(row.name)}`),
    },
    { key: 'state', header: t('columns.state'), cell: (row) => <State state={row.state} /> },
    {
      key: 'why',
      header: t('columns.why'),
      className: 'w-full',
      cell: (row) => row.reason && <Why text={reason(row)} />,
    },
  ]
  return (
    <>
      <Section title={t('featuresTitle')}>
        <DataTable
          caption={t('featuresTitle')}
          columns={features}
          rows={status.features}
          rowKey={(row) => row.name}
          isInCard
        />
      </Section>
      <Section title={t('hopsTitle')}>
        <DataTable
          caption={t('hopsTitle')}
          columns={hops}
          rows={status.hops}
          rowKey={(row) => row.name}
          isInCard
        />
      </Section>
    </>
  )
}

export const Section = (props: { title: string; children: React.ReactNode }) => (
  <section aria-label={props.title}>
    <h2 className="mb-1 px-4 font-medium md:px-6">{props.title}</h2>
    {props.children}
  </section>
)

const Why = (props: { name?: string; text: string }) => (
  <span className="block py-1 text-soft text-xs">
    {props.name && <span className="font-medium text-ink">{props.name}: </span>}
    {props.text}
  </span>
)

/** What is wrong and what to do, in one or two sentences. */
function useReason(): (hop: Hop) => string {
  const t = useTranslations('platform.status.reasons')
  return ({ reason, settings }) => (reason ? t(reason, { settings: settings.join(', ') }) : '')
}

const looks = {
  works: { icon: CircleCheck, tone: 'ok' },
  sandboxed: { icon: FlaskConical, tone: 'brand' },
  'not configured': { icon: CircleDashed, tone: 'neutral' },
  degraded: { icon: CircleAlert, tone: 'warn' },
  fails: { icon: CircleX, tone: 'bad' },
} as const

function State({ state }: { state: Hop['state'] }) {
  const t = useTranslations('platform.status.states')
  return <StatusChip {...looks[state]} label={t(key(state))} />
}

/** Names with a space, as keys of messages are written. */
const key = <Name extends string>(name: Name): Underscored<Name> =>
  name.replaceAll(' ', '_') as Underscored<Name> // replaces exactly what the type does
type Underscored<Name extends string> = Name extends `${infer A} ${infer B}`
  ? `${A}_${Underscored<B>}`
  : Name
