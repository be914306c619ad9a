'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type ledgerEntry, listLedgerEntries } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Fact, Facts } from '../../components/facts.tsx'
import { JsonView } from '../../components/json-view.tsx'
import { Moment } from '../../components/moment.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { type Call, isFinal } from './call-status.ts'
import { tellLine } from './ledger-lines.ts'

const REFRESH_MS = 5_000
const NOW_MS = 60_000

type Entry = z.output<typeof ledgerEntry>

/** What the call cost and why: the price it was admitted at, then every ledger line it caused. */
export function CallBilling({ call }: { call: Call }) {
  const t = useTranslations('calls.billing')
  const format = useFormat()
  const { pricePerHourCents, costCents } = call
  return (
    <div className="space-y-6">
      <Facts>
        <Fact name={t('status')}>{t(`statuses.${call.billingStatus}`)}</Fact>
        {pricePerHourCents !== null && (
          <Fact name={t('price')}>{t('perHour', { price: format.money(pricePerHourCents) })}</Fact>
        )}
        {costCents !== null && (
          <Fact name={t('charged')}>
            <span className="font-medium tabular-nums">{format.money(costCents)}</span>
          </Fact>
        )}
        {call.vendorSeconds !== null && (
          <Fact name={t('vendorSeconds')}>{format.duration(call.vendorSeconds)}</Fact>
        )}
      </Facts>
      <section aria-label={t('lines')}>
        <h2 className="mb-1 font-medium">{t('lines')}</h2>
        <Lines call={call} />
      </section>
    </div>
  )
}

function Lines({ call }: { call: Call }) {
  const t = useTranslations('calls.billing')
  const entries = useEndpointPages(
    listLedgerEntries,
    { query: { callId: call.id } },
    { refetchInterval: () => (isFinal(call.state) ? false : REFRESH_MS) },
  )
  if (entries.error && !entries.items) {
    return (
      <ErrorBox title={t('failed')} error={entries.error} onRetry={() => void entries.refetch()} />
    )
  }
  if (!entries.items) {
    return (
      <Skeleton label={t('loading')} className="space-y-4 py-2">
        <Bone className="w-2/3" />
        <Bone className="w-1/2" />
      </Skeleton>
    )
  }
  if (entries.items.length === 0) return <p className="text-soft">{t('empty')}</p>
  return (
    <>
      {entries.hasNextPage && (
        <Button size="small" className="my-2" onClick={() => void entries.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      <ol className="divide-y divide-line">
        {/* The API tells the newest first; one call's money is a story and reads from its beginning. */}
        {entries.items.toReversed().map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
      </ol>
    </>
  )
}

function Line({ entry }: { entry: Entry }) {
  const t = useTranslations('calls.billing')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-3 py-2">
      <div className="min-w-0">
        <p>
          {t(`kinds.${entry.kind}`)}{' '}
          <span className="text-soft text-xs">
            <Moment at={entry.at} now={now} style="clock" />
          </span>
        </p>
        <Story entry={entry} />
      </div>
      <div className="text-right tabular-nums">
        <p>{format.money(entry.amountCents)}</p>
        <p className="text-soft text-xs">
          {t('after', {
            balance: format.money(entry.balanceAfterCents),
            held: format.money(entry.heldAfterCents),
          })}
        </p>
      </div>
    </li>
  )
}

function Story({ entry }: { entry: Entry }) {
  const t = useTranslations('calls.billing.explained')
  const format = useFormat()
  const story = tellLine(entry)
  if (!story) return <JsonView data={entry.explanation} />
  return (
    <p className="text-soft text-xs tabular-nums">
      {story.kind === 'hold' &&
        t('hold', {
          slice: story.slice,
          seconds: story.seconds,
          funded: story.fundedSeconds,
          price: format.money(story.pricePerHourCents),
        })}
      {story.kind === 'capture' &&
        t('capture', {
          seconds: story.seconds,
          price: format.money(story.pricePerHourCents),
          unrounded: format.number(story.unroundedCents, { maximumFractionDigits: 2 }),
        })}
      {story.kind === 'release' &&
        t('release', {
          held: format.money(story.heldCents),
          seconds: story.seconds,
          funded: story.fundedSeconds,
        })}
    </p>
  )
}
