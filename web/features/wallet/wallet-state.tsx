'use client'
import { CircleCheck, OctagonX, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { StatusChip } from '../../components/status-chip.tsx'
import type { WalletLevel } from './wallet-level.ts'

const looks = {
  available: { icon: CircleCheck, tone: 'ok' },
  low: { icon: TriangleAlert, tone: 'warn' },
  exhausted: { icon: OctagonX, tone: 'bad' },
} as const

/** Whether calls can be paid for, as icon and words. */
export function WalletState({ level, className }: { level: WalletLevel; className?: string }) {
  const t = useTranslations('wallet.balance.status')
  return (
    <StatusChip
      {...looks[level]}
      label={t(level)}
      {...(className !== undefined && { className })}
    />
  )
}
