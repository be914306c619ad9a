'use client'
import { ChevronDown, ChevronRight, ReceiptText, SearchX } from 'lucide-react'
import Link from 'next/link'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { getWallet, listLedgerEntries } from '#contracts/wallet'
import { type Column, DataTable } from '../../components/data-table.tsx'
import { Empty } from '../../components/empty.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { LineStory } from '../../components/ledger/line-story.tsx'
import { balanceChangeCents, type LedgerEntry } from '../../components/ledger/lines.ts'
import { Moment } from '../../components/moment.tsx'
import { useEndpoint, useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { daysToMoments } from '../../lib/day-filter.ts'
import { dayIn, startOfDay } from '../../lib/format/time.ts'
import { useFormat, useTimeZone } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useNow } from '../../lib/use-now.ts'
import { LedgerFilterBar, ledgerParsers, ledgerUrlKeys } from './ledger-filters.tsx'

const REFRESH_MS = 30_000
const NOW_MS = 60_000

/** Every line of the organization's money, newest first; why a line is what it is unfolds below it. */
export function Ledger() {
  const t = useTranslations('wallet.ledger')
  const [openId, setOpenId] = useQueryState('line', parseAsString)
  const [filters, setFilters] = useQueryStates(ledgerParsers, {
    history: 'push',
    urlKeys: ledgerUrlKeys,
  })
  const timeZone = useTimeZone()
  const now = useNow(NOW_MS)
  const today = dayIn(now, timeZone)
  const query = useMemo(
    () => ({
      ...(filters.kind && { kind: filters.kind }),
      ...daysToMoments(filters, { now: startOfDay(today, timeZone), timeZone }),
    }),
    [filters, today, timeZone],
  )
  const isNarrowed = Object.keys(query).length > 0
  const list = useEndpointPages(
    listLedgerEntries,
    { query },
    // A reader far down is not disturbed.
    { refetchInterval: (pages) => (pages.length > 1 ? false : REFRESH_MS) },
  )
  const toggle = (id: string) => void setOpenId(id === openId ? null : id)
  const currency = useEndpoint(getWallet, {}).data?.currency ?? 'usd'
  const columns = useColumns({ openId, currency, onToggle: toggle })
  return (
    <>
      <LedgerFilterBar filters={filters} query={query} onChange={(part) => void setFilters(part)} />
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t(isNarrowed ? 'endOfFound' : 'end')}
        empty={
          isNarrowed ? (
            <Empty icon={SearchX} title={t('noneMatch')} hint={t('noneMatchHint')} />
          ) : (
            <Empty icon={ReceiptText} title={t('empty')} hint={t('emptyHint')} />
          )
        }
      >
        {(entries) => (
          <DataTable
            caption={t('caption')}
            rows={entries}
            rowKey={(entry) => entry.id}
            currentKey={openId}
            onPick={toggle}
            unfolded={(entry) => <Unfolded entry={entry} currency={currency} />}
            columns={columns}
          />
        )}
      </GrowingList>
    </>
  )
}

function Unfolded({ entry, currency }: { entry: LedgerEntry; currency: string }) {
  const t = useTranslations('wallet.ledger')
  const format = useFormat()
  return (
    <div className="space-y-1 pt-1">
      <LineStory entry={entry} />
      {/* What a narrow table has no columns for. */}
      <p className="flex gap-3 text-xs tabular-nums @lg:hidden">
        {t('after')} {format.money(entry.balanceAfterCents, { currency })}
        <CallLink callId={entry.callId} />
      </p>
      <p className="text-soft text-xs tabular-nums">
        {t('line', { sequence: String(entry.sequence) })} · <Stamp at={entry.at} />
        {entry.heldAfterCents > 0 && (
          <> · {t('heldAfter', { held: format.money(entry.heldAfterCents, { currency }) })}</>
        )}
      </p>
    </div>
  )
}

function Stamp({ at }: { at: Date }) {
  const format = useFormat()
  return <time dateTime={at.toISOString()}>{format.stamp(at)}</time>
}

function useColumns(fold: {
  openId: string | null
  currency: string
  onToggle(id: string): void
}): Column<LedgerEntry>[] {
  const t = useTranslations('wallet.ledger')
  const kindName = useTranslations('ledger.kinds')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const { currency } = fold
  return [
    {
      key: 'kind',
      header: t('kind'),
      cell: ({ id, kind }) => {
        const isOpen = id === fold.openId
        const Icon = isOpen ? ChevronDown : ChevronRight
        return (
          <button
            type="button"
            data-row-action
            aria-expanded={isOpen}
            onClick={() => fold.onToggle(id)}
            className="inline-flex min-h-6 items-center gap-1 font-medium"
          >
            <Icon aria-hidden className="size-3.5 shrink-0 text-soft" />
            {kindName(kind)}
          </button>
        )
      },
    },
    {
      key: 'time',
      header: t('time'),
      sort: 'descending',
      cell: ({ at }) => <Moment at={at} now={now} />,
    },
    {
      key: 'reference',
      header: t('reference'),
      from: 'sm',
      cell: ({ callId }) => <CallLink callId={callId} />,
    },
    {
      key: 'amount',
      header: t('amount'),
      isNumeric: true,
      cell: (entry) => <Amount entry={entry} currency={currency} />,
    },
    {
      key: 'after',
      header: t('after'),
      isNumeric: true,
      from: 'sm',
      cell: (entry) => format.money(entry.balanceAfterCents, { currency }),
    },
  ]
}

/** To the billing of the call a line is about, where it is about one. */
function CallLink({ callId }: { callId: string | null }) {
  const t = useTranslations('wallet.ledger')
  if (!callId) return null
  return (
    <Link
      href={paths.call(callId, { tab: 'billing' })}
      className="underline underline-offset-2 hover:text-brand"
    >
      {t('call')}
    </Link>
  )
}

/** Signed where the balance changes; what is only set aside stands without a sign. */
function Amount({ entry, currency }: { entry: LedgerEntry; currency: string }) {
  const t = useTranslations('wallet.ledger')
  const format = useFormat()
  const change = balanceChangeCents(entry)
  if (change !== 0) return format.money(change, { currency, showsSign: true })
  return (
    <span title={t('within')} className="text-soft">
      {format.money(entry.amountCents, { currency })}
      <span className="sr-only"> ({t('within')})</span>
    </span>
  )
}
