'use client'
import { WalletMinimal } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { getWallet, getWalletStatus } from '#contracts/wallet'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { classes } from '../../lib/classes.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { levelOf, type WalletLevel } from './wallet-level.ts'

const REFRESH_MS = 30_000
const MOVING_MS = 5_000 // While calls hold money it moves slice by slice.

/** Admins see the amount; everybody else whether calls can be paid for. */
export function BalancePill() {
  const seesAmount = useMay('wallet.read')
  return seesAmount ? <Amount /> : <Status />
}

function Amount() {
  const t = useTranslations('shell.wallet')
  const format = useFormat()
  const { data } = useEndpoint(
    getWallet,
    {},
    { refetchInterval: ({ state }) => (state.data?.heldCents ? MOVING_MS : REFRESH_MS) },
  )
  if (!data) return null
  const { currency } = data
  return (
    <Pill
      level={levelOf(data)}
      title={t('amountHint', {
        balance: format.money(data.balanceCents, { currency }),
        held: format.money(data.heldCents, { currency }),
      })}
    >
      {format.money(data.availableCents, { currency })}
    </Pill>
  )
}

function Status() {
  const t = useTranslations('shell.wallet')
  const { data } = useEndpoint(getWalletStatus, {}, { refetchInterval: REFRESH_MS })
  if (!data) return null
  return (
    <Pill level={data.status} title={t('statusHint')}>
      {t(`levels.${data.status}`)}
    </Pill>
  )
}

const tones: Record<WalletLevel, string> = {
  available: 'text-soft',
  low: 'text-warn',
  exhausted: 'text-bad',
}

function Pill(props: { level: WalletLevel; title: string; children: string }) {
  const t = useTranslations('shell.wallet')
  return (
    <Link
      href={paths.wallet()}
      title={props.title}
      className="inline-flex h-7 items-center gap-1.5 rounded-full border border-line bg-panel px-2.5 text-xs hover:border-edge"
    >
      <WalletMinimal aria-hidden className={classes('size-3.5', tones[props.level])} />
      <span className="sr-only">{t('label')} </span>
      <span className="whitespace-nowrap tabular-nums">{props.children}</span>
      {props.level !== 'available' && (
        <span className="sr-only"> ({t(`levels.${props.level}`)})</span>
      )}
    </Link>
  )
}
