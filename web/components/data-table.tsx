'use client'
import { Fragment, type ReactNode, type RefObject, useEffect, useRef } from 'react'
import { classes } from '../lib/classes.ts'

export type Column<Row> = {
  key: string
  header: ReactNode
  cell(row: Row): ReactNode
  /** Numbers stand right-aligned in tabular figures. */
  isNumeric?: boolean
  /** Narrower than this (of the table, not the window) the column is left out. */
  from?: 'sm' | 'md' | 'lg' | 'xl'
  /** The order the server gives the rows in, where this column shows it. */
  sort?: 'ascending' | 'descending'
  className?: string
}

const fromClass = {
  sm: '@max-lg:hidden',
  md: '@max-3xl:hidden',
  lg: '@max-4xl:hidden',
  xl: '@max-6xl:hidden',
}

const cellClass = <Row,>(column: Column<Row>) =>
  classes(
    'px-2 first:pl-4 last:pr-4 @lg:px-3 md:first:pl-6 md:last:pr-6',
    column.isNumeric ? 'text-right tabular-nums' : 'text-left',
    column.from && fromClass[column.from],
    column.className,
  )

type DataTableProps<Row> = {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey(row: Row): string
  /** The row whose details are open. */
  currentKey?: string | null
  /** A click anywhere on a row; its first cell holds the button that does the same from the keyboard. */
  onPick?(key: string): void
  /** Enter on a row. */
  onOpen?(key: string): void
  /** What is unfolded below the current row. */
  unfolded?(row: Row): ReactNode
  tableRef?: RefObject<HTMLTableElement | null>
  /** Stands in a card: its heads do not stick to the window's top. */
  isInCard?: boolean
  className?: string
}

/** A real table whose rows can be picked; columns give way by the table's own width. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, currentKey } = props
  return (
    <div className={classes('@container', props.className)}>
      <table ref={props.tableRef} className="w-full border-collapse">
        <caption className="sr-only">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                {...(column.sort && { 'aria-sort': column.sort })}
                className={classes(
                  cellClass(column),
                  'h-8 border-line border-b font-medium text-soft text-xs',
                  !props.isInCard && 'sticky top-12 z-10 bg-bg',
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const key = props.rowKey(row)
            return (
              <Fragment key={key}>
                <tr
                  data-row={key}
                  onClick={(event) => {
                    if (!isOwnControl(event.target)) props.onPick?.(key)
                  }}
                  onKeyDown={(event) => {
                    if (!props.onOpen || event.key !== 'Enter') return
                    if (event.target instanceof HTMLAnchorElement) return
                    event.preventDefault()
                    props.onOpen(key)
                  }}
                  className={classes(
                    'group h-10 border-line border-b transition-colors duration-120 has-focus-visible:bg-ink/4',
                    props.onPick && 'cursor-pointer',
                    props.isInCard && 'last:border-b-0',
                    key === currentKey ? 'bg-brand/8' : 'hover:bg-ink/3',
                  )}
                >
                  {columns.map((column) => (
                    <td key={column.key} className={cellClass(column)}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
                {props.unfolded && key === currentKey && (
                  <tr className="border-line border-b bg-brand/8 last:border-b-0">
                    <td colSpan={columns.length} className="px-4 pb-3 md:px-6">
                      {props.unfolded(row)}
                    </td>
                  </tr>
                )}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const isOwnControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('a, button, select') !== null

/** Moves the focus to the row after or before the focused (or else the current) one; gives its key. */
export function stepRow(
  table: HTMLTableElement | null,
  currentKey: string | null,
  direction: 1 | -1,
): string | null {
  const rows = [...(table?.querySelectorAll<HTMLTableRowElement>('tbody tr[data-row]') ?? [])]
  const focused = document.activeElement?.closest('tr[data-row]')
  const from = rows.findIndex(
    (row) => row === focused || (!focused && row.dataset.row === currentKey),
  )
  const next = rows[from === -1 ? (direction === 1 ? 0 : rows.length - 1) : from + direction]
  if (!next) return null
  next.querySelector<HTMLElement>('[data-row-action]')?.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
  return next.dataset.row ?? null
}

/** Asks for more when its place comes near the window. */
export function useNearEnd(onNear: () => void, isEnabled: boolean) {
  const mark = useRef<HTMLDivElement>(null)
  const latest = useRef(onNear)
  latest.current = onNear
  useEffect(() => {
    if (!isEnabled || !mark.current || !('IntersectionObserver' in window)) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      { rootMargin: '400px' },
    )
    observer.observe(mark.current)
    return () => observer.disconnect()
  }, [isEnabled])
  return mark
}
