'use client'
import type { ReactNode } from 'react'
import type { ApiError } from '../lib/api/api-error.ts'
import { ErrorBox } from './error-box.tsx'
import { LoadMore } from './load-more.tsx'
import { TableSkeleton } from './table-skeleton.tsx'

/** A list with its pages so far, as `useEndpointPages` gives it. */
export type Pages<Row> = {
  items: readonly Row[] | undefined
  error: ApiError | null
  isPending: boolean
  isFetching: boolean
  isFetchingNextPage: boolean
  hasNextPage: boolean
  refetch(): unknown
  fetchNextPage(): unknown
}

/** A list by cursor in each of its states: first loading, failed, empty, rows with more to come. */
export function GrowingList<Row>(props: {
  list: Pages<Row>
  /** What is being loaded, for those who do not see the bones. */
  loading: string
  /** What stands there meanwhile, where the rows are no table's. */
  skeleton?: ReactNode
  failed: string
  /** Said when there is no more. */
  end: string
  empty: ReactNode
  children(rows: readonly Row[]): ReactNode
}) {
  const { list } = props
  return (
    <>
      {list.isPending && (props.skeleton ?? <TableSkeleton label={props.loading} />)}
      {list.error && (
        <div className="px-4 py-2 md:px-6">
          <ErrorBox
            title={props.failed}
            error={list.error}
            onRetry={() => void list.refetch()}
            isRetrying={list.isFetching}
          />
        </div>
      )}
      {list.items?.length === 0 && props.empty}
      {list.items && list.items.length > 0 && (
        <>
          {props.children(list.items)}
          <LoadMore
            hasMore={list.hasNextPage}
            isLoading={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
            end={props.end}
          />
        </>
      )}
    </>
  )
}
