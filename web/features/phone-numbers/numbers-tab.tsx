'use client'
import { Hash, SearchX } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { listCarrierAccounts } from '#contracts/carrier-accounts'
import { listPhoneNumbers, numberStates } from '#contracts/phone-numbers'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { useEndpoint, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { NumbersTable } from './numbers-table.tsx'
import { refreshMs } from './phone-number.ts'
import { useAgents } from './use-agents.ts'

const filterParsers = {
  state: parseAsStringLiteral(numberStates),
  agent: parseAsString,
  account: parseAsString,
}
const noFilters = { state: null, agent: null, account: null }

/** The organization's numbers; released ones only where they are asked for. */
export function NumbersTab({ add }: { add: ReactNode }) {
  const t = useTranslations('numbers.list')
  const router = useRouter()
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const { state, agent, account } = filters
  const isFiltered = Object.values(filters).some((value) => value !== null)
  const query = {
    ...(state && { state }),
    ...(agent && { agentId: agent }),
    ...(account && { carrierAccountId: account }),
  }
  const list = useEndpointPages(
    listPhoneNumbers,
    { query },
    { refetchInterval: (pages) => refreshMs(pages.flatMap(({ items }) => items)) },
  )
  return (
    <>
      {(isFiltered || list.items?.length !== 0) && (
        <NumberFilters filters={filters} onChange={(part) => void setFilters(part)} />
      )}
      <div className="relative">
        <ProgressLine isActive={list.isFetching && !list.isPending} />
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={
            isFiltered ? (
              <Empty
                icon={SearchX}
                title={t('noneMatch')}
                action={<Button onClick={() => void setFilters(noFilters)}>{t('clear')}</Button>}
              />
            ) : (
              <None add={add} />
            )
          }
        >
          {(numbers) => (
            <NumbersTable numbers={numbers} onOpen={(id) => router.push(paths.number(id))} />
          )}
        </GrowingList>
      </div>
    </>
  )
}

function None({ add }: { add: ReactNode }) {
  const t = useTranslations('numbers.list')
  const mayWrite = useMay('phone-numbers.write')
  return (
    <Empty
      icon={Hash}
      title={t('empty')}
      hint={mayWrite ? t('emptyHint') : t('emptyReader')}
      action={mayWrite && add}
    />
  )
}

type Filters = {
  state: (typeof numberStates)[number] | null
  agent: string | null
  account: string | null
}

function NumberFilters(props: { filters: Filters; onChange(part: Partial<Filters>): void }) {
  const t = useTranslations('numbers')
  const { filters, onChange } = props
  const agents = useAgents()
  const accounts = useEndpoint(listCarrierAccounts, { query: { limit: 100 } }).data?.items ?? []
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
      <FilterMenu
        label={t('list.columns.state')}
        anyLabel={t('list.anyState')}
        value={filters.state}
        options={numberStates.map((value) => ({ value, label: t(`states.${value}`) }))}
        onChange={(state) => onChange({ state })}
      />
      <FilterMenu
        label={t('list.columns.agent')}
        anyLabel={t('list.anyAgent')}
        value={filters.agent}
        options={agents.choices}
        onChange={(agent) => onChange({ agent })}
      />
      {(accounts.length > 0 || filters.account) && (
        <FilterMenu
          label={t('list.account')}
          anyLabel={t('list.anyAccount')}
          value={filters.account}
          options={accounts.map(({ id, label, twilioAccountSid }) => ({
            value: id,
            label: label || twilioAccountSid,
          }))}
          onChange={(account) => onChange({ account })}
        />
      )}
    </div>
  )
}
