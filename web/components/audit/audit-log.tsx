'use client'
import { ScrollText, SearchX } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { Button } from '../button.tsx'
import { stepRow } from '../data-table.tsx'
import { Empty } from '../empty.tsx'
import { GrowingList, type Pages } from '../growing-list.tsx'
import { ProgressLine } from '../progress-line.tsx'
import { AuditEntryPanel } from './audit-entry-panel.tsx'
import { AuditTable } from './audit-table.tsx'
import { type AuditFilters, noAuditFilters } from './filters.ts'
import type { AuditEntry } from './words.ts'

/** A log with its states, and an entry opened beside it. */
export function AuditLog(props: {
  list: Pages<AuditEntry>
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
        <GrowingList
          list={list}
          loading={t('loading')}
          failed={t('failed')}
          end={t('allShown')}
          empty={
            <NoEntries filters={props.filters} onClear={() => props.onFilter(noAuditFilters)} />
          }
        >
          {(entries) => (
            <AuditTable
              entries={entries}
              currentId={entryId}
              onPick={onEntry}
              tableRef={tableRef}
            />
          )}
        </GrowingList>
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
