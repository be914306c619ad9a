'use client'
import { Building2, SearchX } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { listOrganizations, organizationStatuses } from '#contracts/organizations'
import { Button } from '../../components/button.tsx'
import { stepRow } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { OfficeListTable } from './office-list-table.tsx'

const filterParsers = {
  q: parseAsString,
  status: parseAsStringLiteral(organizationStatuses),
}

/** All organizations from outside: how they stand, what they hold, what they used. */
export function OfficeListScreen() {
  return useMay('platform.organizations.read') ? (
    <Organizations />
  ) : (
    <Forbidden needs="platform.organizations.read" />
  )
}

function Organizations() {
  const t = useTranslations('platform.organizations')
  const router = useRouter()
  const tableRef = useRef<HTMLTableElement>(null)
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const search = filters.q?.trim()
  const query = useMemo(
    () => ({ ...(search && { search }), ...(filters.status && { status: filters.status }) }),
    [search, filters.status],
  )
  const list = useEndpointPages(listOrganizations, { query })
  const open = (organizationId: string) => router.push(paths.platformOrganization(organizationId))
  useShortcuts({
    j: () => stepRow(tableRef.current, null, 1),
    k: () => stepRow(tableRef.current, null, -1),
    '/': () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
  })
  return (
    <div className="relative min-w-0 grow">
      <ProgressLine isActive={list.isFetching && !list.isPending && !list.isFetchingNextPage} />
      <div className="flex flex-col gap-3 px-4 pt-5 pb-3 md:px-6">
        <PageHeader title={t('title')} />
        <div className="flex flex-wrap items-center gap-2">
          <SearchField
            label={t('search')}
            value={filters.q ?? ''}
            onChange={(q) => void setFilters({ q: q || null }, { history: 'replace' })}
            className="w-64 max-sm:w-full"
          />
          <FilterMenu
            label={t('status')}
            anyLabel={t('any')}
            value={filters.status}
            options={organizationStatuses.map((value) => ({
              value,
              label: t(`statuses.${value}`),
            }))}
            onChange={(status) => void setFilters({ status })}
          />
        </div>
      </div>
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={
          <NoOrganizations
            isFiltered={Boolean(search || filters.status)}
            onClear={() => void setFilters({ q: null, status: null })}
          />
        }
      >
        {(items) => <OfficeListTable organizations={items} onOpen={open} tableRef={tableRef} />}
      </GrowingList>
    </div>
  )
}

function NoOrganizations(props: { isFiltered: boolean; onClear(): void }) {
  const t = useTranslations('platform.organizations')
  if (!props.isFiltered) {
    return <Empty icon={Building2} title={t('never')} hint={t('neverHint')} />
  }
  return (
    <Empty
      icon={SearchX}
      title={t('noneMatch')}
      hint={t('noneMatchHint')}
      action={<Button onClick={props.onClear}>{t('clear')}</Button>}
    />
  )
}
