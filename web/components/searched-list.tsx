'use client'
import { SearchX } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { Button } from './button.tsx'
import { Empty } from './empty.tsx'
import { GrowingList } from './growing-list.tsx'
import { ProgressLine } from './progress-line.tsx'
import { SearchField } from './search-field.tsx'

/** A growing list that is searched by a word; the field comes with the first row, and what adds one stands beside it. */
export function SearchedList<Row>(
  props: ComponentProps<typeof GrowingList<Row>> & {
    search: string
    /** The empty text shows all. */
    onSearch(text: string): void
    label: string
    noneMatch: string
    clear: string
    add: ReactNode
    barClassName: string
  },
) {
  const { list, search, onSearch } = props
  const hasAny = search !== '' || (list.items !== undefined && list.items.length > 0)
  return (
    <>
      {hasAny && (
        <div className={`flex flex-wrap items-center justify-between gap-2 ${props.barClassName}`}>
          <SearchField
            label={props.label}
            value={search}
            onChange={onSearch}
            className="max-sm:min-w-32 max-sm:flex-1 sm:w-56"
          />
          {props.add}
        </div>
      )}
      <div className="relative">
        <ProgressLine isActive={list.isFetching && !list.isPending} />
        <GrowingList
          {...props}
          empty={
            search ? (
              <Empty
                icon={SearchX}
                title={props.noneMatch}
                action={<Button onClick={() => onSearch('')}>{props.clear}</Button>}
              />
            ) : (
              props.empty
            )
          }
        />
      </div>
    </>
  )
}
