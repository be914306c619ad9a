'use client'
import { Plus, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { useEditor } from './editor-context.tsx'

/** A list in which each row has fields of its own; more can be added up to a bound. */
export function ListRows<Row extends { id: string }>(props: {
  label: string
  rows: readonly Row[]
  most: number
  /** Said in place of the rows. */
  none: string
  add: string
  onAdd(): void
  removeLabel(place: number): string
  onRemove(place: number): void
  /** What is wrong with the list as a whole. */
  error?: string | undefined
  children(row: Row, place: number): ReactNode
}) {
  const t = useTranslations('agents.detail')
  const { isReadOnly } = useEditor()
  const { rows, most } = props
  return (
    <div className="space-y-3">
      {rows.length === 0 ? (
        <p className="text-soft">{props.none}</p>
      ) : (
        <ul aria-label={props.label} className="space-y-3">
          {rows.map((row, place) => (
            <li
              key={row.id}
              className="flex items-start gap-2 rounded-card border border-line bg-panel p-3"
            >
              <div className="min-w-0 grow">{props.children(row, place)}</div>
              {!isReadOnly && (
                <IconButton label={props.removeLabel(place)} onClick={() => props.onRemove(place)}>
                  <Trash2 aria-hidden className="size-4" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {props.error && (
        <p role="alert" className="text-bad text-xs">
          {props.error}
        </p>
      )}
      {!isReadOnly && (
        <div className="flex items-center gap-3">
          <Button onClick={props.onAdd} disabled={rows.length >= most}>
            <Plus aria-hidden className="size-4 text-soft" />
            {props.add}
          </Button>
          {rows.length >= most && (
            <span className="text-soft text-xs">{t('atMost', { count: most })}</span>
          )}
        </div>
      )}
    </div>
  )
}
