'use client'
import { CircleCheck, CirclePause, CreditCard, PowerOff } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type autoRecharge, getAutoRecharge, getWallet } from '#contracts/wallet'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { ResumeRecharge } from './resume-recharge.tsx'

const RechargeDialog = lazy(() =>
  import('./recharge-dialog.tsx').then((file) => ({ default: file.RechargeDialog })),
)

const REFRESH_MS = 60_000

export type Recharge = z.output<typeof autoRecharge>

/** Whether a saved card is charged when the money runs low: its bounds, the card, why it stopped. */
export function AutoRecharge() {
  const t = useTranslations('wallet.auto')
  const [isOpen, setOpen] = useState(false)
  const recharge = useEndpoint(getAutoRecharge, {}, { refetchInterval: REFRESH_MS })
  const currency = useEndpoint(getWallet, {}).data?.currency ?? 'usd'
  if (!recharge.data) {
    if (recharge.error) {
      return (
        <ErrorBox
          title={t('failed')}
          error={recharge.error}
          onRetry={() => void recharge.refetch()}
          isRetrying={recharge.isFetching}
        />
      )
    }
    return (
      <Skeleton label={t('loading')} className="rounded-card border border-line bg-panel p-4">
        <Bone className="w-32" />
        <Bone className="mt-4 w-64 max-w-full" />
        <Bone className="mt-3 w-48" />
      </Skeleton>
    )
  }
  const { data } = recharge
  return (
    <section
      aria-label={t('title')}
      className="flex flex-col rounded-card border border-line bg-panel p-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <h2 className="font-medium">{t('title')}</h2>
        <RechargeState recharge={data} />
      </div>
      <Rules recharge={data} currency={currency} />
      <Actions recharge={data} onChange={() => setOpen(true)} />
      {isOpen && (
        <Suspense fallback={null}>
          <RechargeDialog recharge={data} currency={currency} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </section>
  )
}

function RechargeState({ recharge }: { recharge: Recharge }) {
  const t = useTranslations('wallet.auto')
  if (!recharge.enabled) return <StatusChip icon={PowerOff} tone="neutral" label={t('off')} />
  return recharge.pausedReason ? (
    <StatusChip icon={CirclePause} tone="warn" label={t('paused')} />
  ) : (
    <StatusChip icon={CircleCheck} tone="ok" label={t('on')} />
  )
}

function Rules({ recharge, currency }: { recharge: Recharge; currency: string }) {
  const t = useTranslations('wallet.auto')
  const format = useFormat()
  const money = (cents: number) => format.money(cents, { currency })
  const { card, pausedReason, nextTryAt } = recharge
  return (
    <div className="mt-2 grow space-y-2">
      {recharge.enabled ? (
        <p>
          {t('rule', {
            amount: money(recharge.amountCents),
            threshold: money(recharge.thresholdCents),
          })}
        </p>
      ) : (
        <p className="text-soft">{t('offHint')}</p>
      )}
      {recharge.enabled && pausedReason && (
        <p className="rounded-control bg-warn/10 px-3 py-2">{t(`pausedReasons.${pausedReason}`)}</p>
      )}
      {recharge.enabled && !pausedReason && nextTryAt && (
        <p className="text-warn">{t('nextTry', { time: format.moment(nextTryAt) })}</p>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {recharge.enabled && (
          <>
            <dt className="text-soft">{t('month')}</dt>
            <dd className="tabular-nums">
              {t('ofCap', {
                charged: money(recharge.chargedThisMonthCents),
                cap: money(recharge.monthlyCapCents),
              })}
            </dd>
          </>
        )}
        <dt className="text-soft">{t('card')}</dt>
        <dd>
          {card ? (
            <span className="flex flex-wrap items-center gap-x-2">
              <CreditCard aria-hidden className="size-4 text-soft" />
              {t('cardText', { brand: brandName(card.brand), lastFour: card.lastFour })}
              <span className="text-soft text-xs">
                {t('cardExpires', { expires: card.expires })}
              </span>
            </span>
          ) : (
            <span className="text-soft">{t('noCard')}</span>
          )}
        </dd>
      </dl>
    </div>
  )
}

function Actions({ recharge, onChange }: { recharge: Recharge; onChange(): void }) {
  const t = useTranslations('wallet.auto')
  const mayChange = useMay('wallet.top-up')
  const paused = useWriteRefusal()
  if (!mayChange) return null
  const needsCard = recharge.enabled || recharge.card ? null : t('noCard')
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {recharge.enabled && recharge.pausedReason && <ResumeRecharge refusal={paused} />}
      <GuardedButton refusal={paused ?? needsCard} onClick={onChange}>
        {recharge.enabled ? t('change') : t('setUp')}
      </GuardedButton>
    </div>
  )
}

/** `visa` as "Visa", the way it stands on the card. */
const brandName = (brand: string): string => brand.charAt(0).toUpperCase() + brand.slice(1)
