'use client'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { listOrganizationPrices, listPrices } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { StatTile, StatTileBones, StatTiles } from '../../components/stat-tile.tsx'
import type { ApiError } from '../../lib/api/api-error.ts'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { PriceList, priceInForce } from './price-list.tsx'

const PriceDialog = lazy(() =>
  import('./price-dialog.tsx').then((file) => ({ default: file.PriceDialog })),
)

const NOW_MS = 30_000

/** What an hour costs everybody. */
export function PricesDesk() {
  const t = useTranslations('platform.prices')
  const format = useFormat()
  const prices = useEndpoint(listPrices, {})
  if (!prices.data) return <Waiting asked={prices} />
  const { current, currency, items } = prices.data
  const now = {
    pricePerHourCents: current.pricePerHourCents ?? 0,
    mockPricePercent: current.mockPricePercent ?? 0,
  }
  return (
    <Desk
      tiles={
        <>
          <StatTile
            label={t('perHourNow')}
            value={format.money(now.pricePerHourCents, { currency })}
          />
          <StatTile
            label={t('mockNow')}
            value={format.number(now.mockPricePercent / 100, { style: 'percent' })}
          />
        </>
      }
      change={t('change')}
      dialog={(onClose) => <PriceDialog now={now} onClose={onClose} />}
    >
      <PriceList caption={t('history')} prices={items} currency={currency} />
    </Desk>
  )
}

/** The price of one organization alone, beside what everybody pays. */
export function OrganizationPrices({ organizationId }: { organizationId: string }) {
  const t = useTranslations('platform.prices')
  const format = useFormat()
  const moment = useNow(NOW_MS)
  const own = useEndpoint(listOrganizationPrices, { params: { organizationId } })
  const usual = useEndpoint(listPrices, {})
  if (!own.data) return <Waiting asked={own} />
  if (!usual.data) return <Waiting asked={usual} />
  const { currency, current } = usual.data
  const inForce = priceInForce(own.data.items, moment)
  const ownCents = inForce?.pricePerHourCents ?? null
  const now = {
    pricePerHourCents: ownCents ?? current.pricePerHourCents ?? 0,
    mockPricePercent: inForce?.mockPricePercent ?? current.mockPricePercent ?? 0,
  }
  return (
    <Desk
      tiles={
        <>
          <StatTile
            label={t('perHourNow')}
            value={format.money(now.pricePerHourCents, { currency })}
            note={ownCents === null ? t('kinds.usual') : t('kinds.own')}
          />
          <StatTile
            label={t('usualNow')}
            value={format.money(current.pricePerHourCents ?? 0, { currency })}
          />
        </>
      }
      change={t('changeOwn')}
      dialog={(onClose) => (
        <PriceDialog organizationId={organizationId} now={now} onClose={onClose} />
      )}
    >
      {own.data.items.length === 0 ? (
        <p className="text-soft">{t('neverOwn')}</p>
      ) : (
        <PriceList caption={t('ownHistory')} prices={own.data.items} currency={currency} />
      )}
    </Desk>
  )
}

function Desk(props: {
  tiles: ReactNode
  change: string
  dialog(onClose: () => void): ReactNode
  children: ReactNode
}) {
  const t = useTranslations('platform.prices')
  const mayChange = useMay('system.write')
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="space-y-4">
      <StatTiles label={t('figures')}>{props.tiles}</StatTiles>
      {mayChange && <Button onClick={() => setOpen(true)}>{props.change}</Button>}
      {props.children}
      {isOpen && <Suspense fallback={null}>{props.dialog(() => setOpen(false))}</Suspense>}
    </div>
  )
}

function Waiting({
  asked,
}: {
  asked: { error: ApiError | null; isFetching: boolean; refetch(): unknown }
}) {
  const t = useTranslations('platform.prices')
  if (asked.error) {
    return (
      <ErrorBox
        title={t('failed')}
        error={asked.error}
        onRetry={() => void asked.refetch()}
        isRetrying={asked.isFetching}
      />
    )
  }
  return (
    <Skeleton label={t('loading')}>
      <StatTileBones count={2} />
    </Skeleton>
  )
}
