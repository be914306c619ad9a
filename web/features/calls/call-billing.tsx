'use client'
import { useTranslations } from 'use-intl'
import { listLedgerEntries } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Fact, Facts } from '../../components/facts.tsx'
import { LineStory } from '../../components/ledger/line-story.tsx'
import type { LedgerEntry } from '../../components/ledger/lines.ts'
import { Moment } from '../../components/moment.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { type Call, isFinal } from './call-status.ts'

const REFRESH_MS = 5_000
const NOW_MS = 60_000

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

function Line({ entry }: { entry: LedgerEntry }) {
  const t = useTranslations('calls.billing')
  const kindName = useTranslations('ledger.kinds')
  const format = useFormat()
  const now = useNow(NOW_MS)
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-3 py-2">
      <div className="min-w-0">
        <p>
          {kindName(entry.kind)}{' '}
          <span className="text-soft text-xs">
            <Moment at={entry.at} now={now} style="clock" />
          </span>
        </p>
        <LineStory entry={entry} />
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
