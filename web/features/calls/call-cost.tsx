'use client'
import { useTranslations } from 'use-intl'
import { previewCost } from '#contracts/wallet'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'

/** What a minute costs and how long the balance lasts, for those who may see money; why no call can start, for all. */
export function CallCost({ refusal }: { refusal: string | null }) {
  const t = useTranslations('outbound.cost')
  const format = useFormat()
  const { data } = useEndpoint(previewCost, { query: { kind: 'agent' } })
  if (refusal) {
    return (
      <p role="alert" className="text-bad">
        {refusal}
      </p>
    )
  }
  if (!data || data.pricePerMinuteCents === null) return null
  const minutes = data.affordableSeconds === null ? null : Math.floor(data.affordableSeconds / 60)
  return (
    <p className="text-soft tabular-nums">
      {t('perMinute', { price: format.money(data.pricePerMinuteCents) })}
      {minutes !== null && ` ${t('lasts', { minutes })}`}
    </p>
  )
}
