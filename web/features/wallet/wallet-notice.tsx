'use client'
import { WalletMinimal } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { getWalletStatus } from '#contracts/wallet'
import { Banner } from '../../components/banner.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'

const REFRESH_MS = 30_000 // As often as the pill beside it.

/** Says when calls are being refused, or soon will be, for want of money. */
export function WalletNotice() {
  const t = useTranslations('shell.wallet')
  const paysHere = useMay('wallet.top-up')
  const { data } = useEndpoint(getWalletStatus, {}, { refetchInterval: REFRESH_MS })
  if (!data || data.status === 'available') return null
  const isEmpty = data.status === 'exhausted'
  return (
    <Banner
      kind={isEmpty ? 'bad' : 'warn'}
      icon={
        <WalletMinimal aria-hidden className={`size-3.5 ${isEmpty ? 'text-bad' : 'text-warn'}`} />
      }
    >
      {t(isEmpty ? 'exhaustedNotice' : 'lowNotice')}{' '}
      {paysHere ? (
        <Link href={paths.wallet()} className="underline underline-offset-2 hover:text-brand">
          {t('topUp')}
        </Link>
      ) : (
        t('askAdmin')
      )}
    </Banner>
  )
}
