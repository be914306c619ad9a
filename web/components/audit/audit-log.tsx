'use client'
import { ScrollText, SearchX } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { useTranslations } from 'use-intl'
import type { ApiError } from '../../lib/api/api-error.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { Button } from '../button.tsx'
import { stepRow } from '../data-table.tsx'
import { Empty } from '../empty.tsx'
import { ErrorBox } from '../error-box.tsx'
import { LoadMore } from '../load-more.tsx'
import { ProgressLine } from '../progress-line.tsx'
import { AuditEntryPanel } from './audit-entry-panel.tsx'
import { AuditSkeleton, AuditTable } from './audit-table.tsx'
import { type AuditFilters, noAuditFilters } from './filters.ts'
import type { AuditEntry } from './words.ts'

/** A growing list as `useEndpointPages` gives it. */
type EntryList = {
  items: readonly AuditEntry[] | undefined
  error: ApiError | null
  isPending: boolean
  isFetching: boolean
  isFetchingNextPage: boolean
  hasNextPage: boolean
  refetch(): unknown
  fetchNextPage(): unknown
}

/** A log with its states, and an entry opened beside it. */
export function AuditLog(props: {
  list: EntryList
  filters: AuditFilters
  onFilter(part: Partial<AuditFilters>): void
  entryId: string | null
  onEntry(entryId: string | null): void
  /** Where the thing an entry is about can be looked at. */
  hrefOf(entry: AuditEntry): string | null
  /** Title, filters, verdict: what stands above the entries. */
  children: ReactNode
}) {
  const t = useTranslations('audit')
  const { list, entryId, onEntry } = props
  const tableRef = useRef<HTMLTableElement>(null)
  const entry = list.items?.find(({ id }) => id === entryId)
  const step = (direction: 1 | -1) => {
    const reached = stepRow(tableRef.current, entryId, direction)
    if (reached && entryId) onEntry(reached)
  }
  const close = () => {
    onEntry(null)
    focusRow(tableRef.current, entryId)
  }
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    escape: () => (entryId ? close() : false),
    '/': () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
  })
  return (
    <div className="flex min-w-0 grow">
      <div className="relative min-w-0 grow">
        <ProgressLine isActive={list.isFetching && !list.isPending && !list.isFetchingNextPage} />
        <div className="flex flex-col gap-3 px-4 pt-5 pb-3 md:px-6">{props.children}</div>
        {list.isPending && <AuditSkeleton />}
        {list.error && (
          <div className="px-4 py-2 md:px-6">
            <ErrorBox
              title={t('failed')}
              error={list.error}
              onRetry={() => void list.refetch()}
              isRetrying={list.isFetching}
            />
          </div>
        )}
        {list.items && list.items.length > 0 && (
          <>
            <AuditTable
              entries={list.items}
              currentId={entryId}
              onPick={onEntry}
              tableRef={tableRef}
            />
            <LoadMore
              hasMore={list.hasNextPage}
              isLoading={list.isFetchingNextPage}
              onMore={() => void list.fetchNextPage()}
              end={t('allShown')}
            />
          </>
        )}
        {list.items?.length === 0 && (
          <NoEntries filters={props.filters} onClear={() => props.onFilter(noAuditFilters)} />
        )}
      </div>
      {entry && (
        <AuditEntryPanel
          entry={entry}
          onClose={close}
          onFilter={props.onFilter}
          subjectHref={props.hrefOf(entry)}
        />
      )}
    </div>
  )
}

const focusRow = (table: HTMLTableElement | null, entryId: string | null): void =>
  table?.querySelector<HTMLElement>(`tr[data-row="${entryId}"] [data-row-action]`)?.focus()

function NoEntries({ filters, onClear }: { filters: AuditFilters; onClear(): void }) {
  const t = useTranslations('audit.empty')
  const isFiltered = Object.values(filters).some((value) => value !== null)
  if (!isFiltered) return <Empty icon={ScrollText} title={t('never')} hint={t('neverHint')} />
  return (
    <Empty
      icon={SearchX}
      title={t('noneMatch')}
      hint={t('noneMatchHint')}
      action={<Button onClick={onClear}>{t('clear')}</Button>}
    />
  )
}
