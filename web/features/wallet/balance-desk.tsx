'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getUsage } from '#contracts/usage'
import { getWallet, getWalletStatus, listLedgerEntries, type wallet } from '#contracts/wallet'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { toDays } from '../../lib/day-range.ts'
import { useFormat, useTimeZone } from '../../lib/intl/use-format.tsx'
import { useNow } from '../../lib/use-now.ts'
import { blockedSince, dailySpending, daysLeft } from './burn.ts'
import { levelOf } from './wallet-level.ts'
import { WalletState } from './wallet-state.tsx'

const REFRESH_MS = 30_000
const MOVING_MS = 5_000 // While calls hold money it moves slice by slice.
const NOW_MS = 60_000
const MINUTE_SECONDS = 60
const BURN_DAYS = 7
const LOOKED_BACK = 100 // The API's largest page.

type Wallet = z.output<typeof wallet>

/** The balance in large figures, how long it lasts, and what is stopped where it is gone. */
export function BalanceDesk() {
  const t = useTranslations('wallet')
  const held = useEndpoint(
    getWallet,
    {},
    { refetchInterval: ({ state }) => (state.data?.heldCents ? MOVING_MS : REFRESH_MS) },
  )
  const status = useEndpoint(getWalletStatus, {}, { refetchInterval: REFRESH_MS })
  if (!held.data) {
    if (held.error) {
      return (
        <ErrorBox
          title={t('failed')}
          error={held.error}
          onRetry={() => void held.refetch()}
          isRetrying={held.isFetching}
        />
      )
    }
    return (
      <Skeleton label={t('loading')} className="rounded-card border border-line bg-panel p-4">
        <Bone className="w-24" />
        <Bone className="mt-4 h-8 w-40" />
        <Bone className="mt-4 w-72 max-w-full" />
        <Bone className="mt-8 h-10" />
      </Skeleton>
    )
  }
  // The API also knows how much a call needs to start; until it has said so the amounts are judged here.
  const level = status.data?.status ?? levelOf(held.data)
  return (
    <section
      aria-label={t('balance.title')}
      className="flex flex-col rounded-card border border-line bg-panel p-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <h2 className="font-medium">{t('balance.title')}</h2>
        <WalletState level={level} />
      </div>
      <Figures wallet={held.data} />
      {level === 'exhausted' && <Blocked wallet={held.data} />}
    </section>
  )
}

function Figures({ wallet: held }: { wallet: Wallet }) {
  const t = useTranslations('wallet.balance')
  const format = useFormat()
  const money = (cents: number) => format.money(cents, { currency: held.currency })
  const talk = held.minutesLeft === null ? null : format.hours(held.minutesLeft * MINUTE_SECONDS)
  const facts = [
    { name: t('available'), value: money(held.availableCents) },
    { name: t('held'), value: money(held.heldCents) },
    { name: t('price'), value: money(held.pricePerHourCents) },
    {
      name: t('talk'),
      value:
        talk === null
          ? t('free')
          : t(held.heldCents > 0 ? 'talkRunning' : 'talkOne', { hours: talk }),
    },
  ]
  return (
    <>
      <p className="mt-1 font-semibold text-[2rem] leading-10 tabular-nums">
        {money(held.balanceCents)}
      </p>
      <DaysLeft wallet={held} />
      <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 border-line border-t pt-3 sm:grid-cols-4 lg:grid-cols-2 xl:grid-cols-4">
        {facts.map(({ name, value }) => (
          <div key={name} className="min-w-0">
            <dt className="text-soft text-xs">{name}</dt>
            <dd className="tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {held.deficitCents > 0 && (
        <p className="mt-3 text-soft text-xs">
          <span className="font-medium text-bad">
            {t('deficit')} {money(held.deficitCents)}
          </span>{' '}
          {t('deficitHint')}
        </p>
      )}
    </>
  )
}

/** At what was spent on average in the last days; said only once that is known. */
function DaysLeft({ wallet: held }: { wallet: Wallet }) {
  const t = useTranslations('wallet.balance')
  const format = useFormat()
  const timeZone = useTimeZone()
  const now = useNow(NOW_MS)
  const days = toDays({ range: '7d', from: null, to: null }, { now, timeZone })
  const { data } = useEndpoint(getUsage, { query: days ?? { from: '', to: '' } })
  const chargedCents = data?.total.chargedCents ?? null
  if (chargedCents === null) return <p className="min-h-5 text-soft" />
  if (chargedCents === 0) return <p className="text-soft">{t('noSpending')}</p>
  const perDay = dailySpending(chargedCents, BURN_DAYS)
  return (
    <p className="text-soft">
      {t('days', {
        days: daysLeft(held.availableCents, perDay),
        perDay: format.money(Math.round(perDay), { currency: held.currency }),
      })}
    </p>
  )
}

function Blocked({ wallet: held }: { wallet: Wallet }) {
  const t = useTranslations('wallet.blocked')
  const format = useFormat()
  const { data } = useEndpoint(listLedgerEntries, { query: { limit: LOOKED_BACK } })
  const since = data ? blockedSince(data.items, held.availableCents) : null
  return (
    <div className="mt-4 rounded-control bg-bad/10 px-3 py-2">
      <p className="font-medium">{t('title')}</p>
      {since && <p className="text-soft">{t('since', { time: format.moment(since) })}</p>}
      <p>{t('effect')}</p>
      {held.deficitCents > 0 && (
        <p className="mt-1">
          {t('deficit', { amount: format.money(held.deficitCents, { currency: held.currency }) })}
        </p>
      )}
    </div>
  )
}
