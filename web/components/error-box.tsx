'use client'
import { TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ApiError } from '../lib/api/api-error.ts'
import { classes } from '../lib/classes.ts'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'

/** Stands where the data would be: what failed, what to do, and the id support will ask for. */
export function ErrorBox(props: {
  /** What could not be shown, as a sentence: "The calls could not be loaded." */
  title: string
  error: unknown
  onRetry?: () => void
  isRetrying?: boolean
  className?: string
}) {
  const t = useTranslations('errors')
  const explain = useErrorText()
  const known = props.error instanceof ApiError ? props.error : null
  return (
    <div
      role="alert"
      className={classes(
        'flex items-start gap-3 rounded-card border border-line bg-panel p-4',
        props.className,
      )}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 grow">
        <p className="font-medium">{props.title}</p>
        <p className="mt-0.5 text-soft">{explain(props.error)}</p>
        {known?.requestId && (
          <p className="mt-1 flex flex-wrap items-center gap-1 text-soft text-xs">
            {t('requestId')} <code className="break-all">{known.requestId}</code>
            <Copy text={known.requestId} label={t('requestId')} />
          </p>
        )}
      </div>
      {props.onRetry && (
        <Button onClick={props.onRetry} disabled={props.isRetrying ?? false}>
          {t('retry')}
        </Button>
      )}
    </div>
  )
}

/** Our own words where we know the case, else the API's sentence, which is written for people, in the reader's language. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors')
  const problemText = useProblemText()
  return (error) => {
    if (!(error instanceof ApiError)) return t('unknown')
    if (error.code === 'client.offline') return t('offline')
    if (error.code === 'client.timeout') return t('timeout')
    if (error.code === 'client.unreadable') return t('unreadable', { status: error.status })
    if (error.code === 'request.unavailable') return problemText(error)
    if (error.status === 401) return t('signedOut')
    if (error.code === 'request.too_many') return t('tooMany')
    if (error.status >= 500) return t('server')
    return problemText(error)
  }
}

/** What the API refused, by its code where the language has words for it; English readers read the API itself. */
function useProblemText(): (error: ApiError) => string {
  const t = useTranslations()
  return (error) => {
    const key = `problems.${error.code}`
    return t.has(key as 'errors.unknown') ? t(key as 'errors.unknown') : error.message
  }
}
