'use client'
import { type RefObject, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useNow } from '../../lib/use-now.ts'
import { type Column, DataTable } from '../data-table.tsx'
import { Moment } from '../moment.tsx'
import { type AuditEntry, useActionText, useActorText } from './words.ts'

const NOW_MS = 30_000 // Fine enough for a list whose times show minutes.

/** Who did what to which thing, newest first; a row opens its details. */
export function AuditTable(props: {
  entries: readonly AuditEntry[]
  currentId: string | null
  onPick(entryId: string): void
  tableRef?: RefObject<HTMLTableElement | null>
}) {
  const t = useTranslations('audit')
  const columns = useColumns(props.onPick)
  return (
    <DataTable
      caption={t('caption')}
      columns={columns}
      rows={props.entries}
      rowKey={(entry) => entry.id}
      currentKey={props.currentId}
      onPick={props.onPick}
      onOpen={props.onPick}
      {...(props.tableRef && { tableRef: props.tableRef })}
    />
  )
}

function useColumns(onPick: (entryId: string) => void): Column<AuditEntry>[] {
  const t = useTranslations('audit.columns')
  const now = useNow(NOW_MS)
  const actionText = useActionText()
  const actorText = useActorText()
  return useMemo(
    () => [
      {
        key: 'action',
        header: t('action'),
        className: 'font-medium',
        cell: (entry) => (
          <button
            type="button"
            data-row-action
            onClick={() => onPick(entry.id)}
            className="rounded-sm text-left"
          >
            {actionText(entry.action)}
          </button>
        ),
      },
      {
        key: 'actor',
        header: t('actor'),
        cell: (entry) => (
          <span className="block max-w-48 truncate" title={entry.actorId ?? undefined}>
            {actorText(entry)}
          </span>
        ),
      },
      {
        key: 'at',
        header: t('at'),
        sort: 'descending',
        cell: (entry) => <Moment at={entry.at} now={now} />,
      },
      {
        key: 'subject',
        header: t('subject'),
        from: 'md',
        cell: (entry) => (
          <code className="block max-w-72 truncate text-soft text-xs" title={entry.subject}>
            {entry.subject}
          </code>
        ),
      },
      {
        key: 'sequence',
        header: t('sequence'),
        from: 'sm',
        isNumeric: true,
        cell: (entry) => <span className="text-soft">{entry.sequence}</span>,
      },
    ],
    [t, now, actionText, actorText, onPick],
  )
}
