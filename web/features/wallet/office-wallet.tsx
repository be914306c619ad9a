'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getOrganizationWallet, type wallet } from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { StatTile, StatTileBones, StatTiles } from '../../components/stat-tile.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'

const AdjustDialog = lazy(() =>
  import('./adjust-dialog.tsx').then((file) => ({ default: file.AdjustDialog })),
)

const REFRESH_MS = 15_000 // The preview of an adjustment is only as good as the balance it starts from.

export type Direction = 'credit' | 'debit' | 'grant'

/** The wallet of one organization, to be credited or debited by hand. */
export function OfficeWallet({ organizationId }: { organizationId: string }) {
  const t = useTranslations('platform.wallet')
  const mayGrant = useMay('billing.override')
  const [asked, ask] = useState<Direction | null>(null)
  const held = useEndpoint(
    getOrganizationWallet,
    { params: { organizationId } },
    { refetchInterval: REFRESH_MS },
  )
  if (held.isPending) {
    return (
      <Skeleton label={t('loading')}>
        <StatTileBones count={3} />
      </Skeleton>
    )
  }
  if (!held.data) {
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
    <div className="space-y-4">
      <WalletTiles wallet={held.data} />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => ask('credit')}>{t('credit.open')}</Button>
        <Button onClick={() => ask('debit')}>{t('debit.open')}</Button>
        {mayGrant && <Button onClick={() => ask('grant')}>{t('grant.open')}</Button>}
      </div>
      <p className="text-soft text-xs">{t('hint')}</p>
      {asked && (
        <Suspense fallback={null}>
          <AdjustDialog
            organizationId={organizationId}
            wallet={held.data}
            direction={asked}
            onClose={() => ask(null)}
          />
        </Suspense>
      )}
    </div>
  )
}

function WalletTiles({ wallet: held }: { wallet: z.output<typeof wallet> }) {
  const t = useTranslations('platform.wallet')
  const format = useFormat()
  const money = (cents: number) => format.money(cents, { currency: held.currency })
  return (
    <StatTiles label={t('figures')}>
      <StatTile
        label={t('balance')}
        value={money(held.balanceCents)}
        note={t('used', { percent: format.number(held.usedPercent) })}
      />
      <StatTile label={t('held')} value={money(held.heldCents)} note={t('heldNote')} />
      <StatTile
        label={t('available')}
        value={money(held.availableCents)}
        note={held.deficitCents > 0 && t('owed', { amount: money(held.deficitCents) })}
      />
    </StatTiles>
  )
}
