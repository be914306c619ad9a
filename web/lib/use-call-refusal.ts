'use client'
import { useTranslations } from 'use-intl'
import type { pricedKinds } from '#contracts/wallet'
import { previewCost } from '#contracts/wallet'
import { useEndpoint } from './api/use-endpoint.tsx'
import { useMay } from './session.tsx'

const REFRESH_MS = 30_000 // As often as the balance beside it.

/** Why no call of a kind can start now, for the buttons that would start one; null where one can, or that is not known. */
export function useCallRefusal(kind: (typeof pricedKinds)[number]): string | null {
  const t = useTranslations('wallet.callRefusal')
  const paysHere = useMay('wallet.top-up')
  const { data } = useEndpoint(previewCost, { query: { kind } }, { refetchInterval: REFRESH_MS })
  if (!data?.reason) return null
  if (data.reason === 'insufficient_balance' && !paysHere) return t('askAdmin')
  return t(data.reason)
}
