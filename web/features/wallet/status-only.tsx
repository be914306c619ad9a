'use client'
import { useTranslations } from 'use-intl'
import { getWalletStatus } from '#contracts/wallet'
import { ErrorBox } from '../../components/error-box.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { WalletState } from './wallet-state.tsx'

const REFRESH_MS = 30_000

/** Whether calls can be paid for, for people who do not see amounts. */
export function StatusOnly() {
  const t = useTranslations('wallet')
  const status = useEndpoint(getWalletStatus, {}, { refetchInterval: REFRESH_MS })
  const level = status.data?.status
  return (
    <div className="w-full max-w-2xl space-y-4 px-4 py-5 md:px-6">
      <PageHeader title={t('title')} note={t('statusScreen.note')} />
      {status.isPending && (
        <Skeleton label={t('loading')}>
          <Bone className="h-20 rounded-card" />
        </Skeleton>
      )}
      {status.error && (
        <ErrorBox
          title={t('statusScreen.failed')}
          error={status.error}
          onRetry={() => void status.refetch()}
          isRetrying={status.isFetching}
        />
      )}
      {level && (
        <section
          aria-label={t('title')}
          className="rounded-card border border-line bg-panel px-4 py-4"
        >
          <WalletState level={level} className="font-medium" />
          <p className="mt-1 text-soft">
            {level === 'exhausted'
              ? `${t('blocked.effect')} ${t('blocked.askAdmin')}`
              : t(`statusScreen.${level}`)}
          </p>
        </section>
      )}
    </div>
  )
}
