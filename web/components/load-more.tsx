'use client'
import { useTranslations } from 'use-intl'
import { Button } from './button.tsx'
import { useNearEnd } from './data-table.tsx'

/** Below a list that grows by its cursor: loads near the end by itself, by the button where that is not seen. */
export function LoadMore(props: {
  hasMore: boolean
  isLoading: boolean
  onMore(): void
  /** Said when there is no more. */
  end: string
}) {
  const t = useTranslations('lists')
  const mark = useNearEnd(props.onMore, props.hasMore && !props.isLoading)
  return (
    <div ref={mark} className="flex h-16 items-center justify-center text-soft text-xs">
      {props.hasMore ? (
        <Button onClick={props.onMore} disabled={props.isLoading}>
          {props.isLoading ? t('loadingMore') : t('loadMore')}
        </Button>
      ) : (
        props.end
      )}
    </div>
  )
}
