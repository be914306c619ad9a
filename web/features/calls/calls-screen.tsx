'use client'
import { PhoneMissed, SearchX } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { lazy, Suspense, useCallback, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import { Button } from '../../components/button.tsx'
import { stepRow } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ProgressLine } from '../../components/progress-line.tsx'
import { Forbidden } from '../../components/refusals.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'
import { useTimeZone } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay, useMe } from '../../lib/session.tsx'
import { useCallRefusal } from '../../lib/use-call-refusal.ts'
import { useNow } from '../../lib/use-now.ts'
import { useShortcuts } from '../../lib/use-shortcuts.ts'
import { CallFilters } from './call-filters.tsx'
import { CallsSkeleton, CallsTable } from './calls-table.tsx'
import { type Filters, filterParsers, isFiltered, noFilters, toCallQuery } from './filters.ts'
import { StartCall } from './start-call.tsx'
import { useCallList } from './use-calls.ts'

// The panel brings the player and the transcript with it, which a list that is only read never needs.
const CallPeek = lazy(() => import('./call-peek.tsx').then((file) => ({ default: file.CallPeek })))

const ONE_ACTIVE = { query: { limit: 1, state: 'active' } } as const
const DAY_CHECK_MS = 60_000 // "Today" becomes yesterday within a minute of midnight.
const PEEK_FROM = '(min-width: 1024px)' // Below this the panel would cover the list, so a row opens the call itself.

/** The organization's calls, or one's own: filters in the address, a peek beside the list, more on scrolling. */
export function CallsScreen() {
  return useMay('calls.read-own') ? <Calls /> : <Forbidden needs="calls.read-own" />
}

function Calls() {
  const t = useTranslations('calls.list')
  const router = useRouter()
  const seesAll = useMay('calls.read-organization')
  const [filters, setFilters] = useQueryStates(filterParsers, { history: 'push' })
  const [peekId, setPeekId] = useQueryState('peek', parseAsString)
  const tableRef = useRef<HTMLTableElement>(null)
  const timeZone = useTimeZone()
  const now = useNow(DAY_CHECK_MS)
  const query = useMemo(() => toCallQuery(filters, { now, timeZone }), [filters, now, timeZone])
  const list = useCallList(query)
  const { items, error } = list

  const open = useCallback((callId: string) => router.push(paths.call(callId)), [router])
  const pick = useCallback(
    (callId: string) => {
      if (!window.matchMedia(PEEK_FROM).matches) return open(callId)
      void setPeekId(callId, { history: 'push' })
    },
    [open, setPeekId],
  )
  const step = (direction: 1 | -1) => {
    const reached = stepRow(tableRef.current, peekId, direction)
    if (reached && peekId) void setPeekId(reached, { history: 'replace' })
  }
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    enter: () => (peekId ? open(peekId) : false),
    escape: () => (peekId ? void setPeekId(null) : false),
    '/': () => document.querySelector<HTMLInputElement>('main input[type="search"]')?.focus(),
  })

  return (
    <div className="flex min-w-0 grow">
      <div className="relative min-w-0 grow">
        <ProgressLine isActive={list.isFetching && !list.isPending && !list.isFetchingNextPage} />
        <div className="flex flex-col gap-3 px-4 pt-5 pb-3 md:px-6">
          <PageHeader
            title={t('title')}
            note={seesAll ? undefined : t('own')}
            actions={<StartCall />}
          />
          <CallFilters
            filters={filters}
            onChange={(part) =>
              void setFilters(part, { history: isTyped(part) ? 'replace' : 'push' })
            }
          />
        </div>
        {list.isPending && <CallsSkeleton />}
        {error && (
          <div className="px-4 py-2 md:px-6">
            <ErrorBox
              title={t('failed')}
              error={error}
              onRetry={() => void list.refetch()}
              isRetrying={list.isFetching}
            />
          </div>
        )}
        {items && items.length > 0 && (
          <>
            <CallsTable
              calls={items}
              currentId={peekId}
              onPick={pick}
              onOpen={open}
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
        {items?.length === 0 && (
          <NoCalls filters={filters} onClear={() => void setFilters(noFilters)} />
        )}
      </div>
      {peekId && (
        <Suspense fallback={null}>
          <CallPeek key={peekId} callId={peekId} onClose={() => void setPeekId(null)} />
        </Suspense>
      )}
    </div>
  )
}

/** What is typed changes often; each letter is not a place to come back to. */
const isTyped = (part: Partial<Filters>): boolean =>
  Object.keys(part).length === 1 && ('q' in part || 'number' in part)

/** "Never any" and "none match" are different news. */
function NoCalls({ filters, onClear }: { filters: Filters; onClear(): void }) {
  const t = useTranslations('calls.empty')
  if (!isFiltered(filters)) return <NoCallsEver />
  return (
    <Empty
      icon={SearchX}
      title={t('noneMatch')}
      hint={t('noneMatchHint')}
      action={<Button onClick={onClear}>{t('clear')}</Button>}
    />
  )
}

/** The way to the first call: a number to ring, or one to be had first. */
function NoCallsEver() {
  const t = useTranslations('calls.empty')
  const { sandbox } = useMe()
  const seesNumbers = useMay('phone-numbers.read')
  const mayImport = useMay('phone-numbers.write')
  const numbers = useEndpoint(listPhoneNumbers, ONE_ACTIVE, { enabled: seesNumbers })
  const e164 = numbers.data?.items[0]?.e164
  const hint = sandbox ? t('neverSandbox') : t('neverHint')
  if (numbers.data && !e164 && mayImport) {
    return (
      <Empty
        icon={PhoneMissed}
        title={t('never')}
        hint={t('noNumber')}
        action={
          <Button kind="primary" asChild>
            <Link href={paths.importNumber()}>{t('importNumber')}</Link>
          </Button>
        }
      />
    )
  }
  return (
    <Empty
      icon={PhoneMissed}
      title={t('never')}
      hint={e164 ? t('callNumber', { phone: formatPhone(e164) }) : hint}
      action={sandbox && <Softphone href={sandbox.softphoneUrl} />}
    />
  )
}

/** A call that would be refused is better not begun. */
function Softphone({ href }: { href: string }) {
  const t = useTranslations('calls.empty')
  const refusal = useCallRefusal('agent')
  if (refusal) {
    return (
      <GuardedButton kind="primary" refusal={refusal}>
        {t('softphone')}
      </GuardedButton>
    )
  }
  return (
    <Button kind="primary" asChild>
      <a href={href} target="_blank" rel="noreferrer">
        {t('softphone')}
      </a>
    </Button>
  )
}
