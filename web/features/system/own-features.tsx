'use client'
import { CircleCheck, CircleSlash } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { listOwnFlags } from '#contracts/system'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'

/** Which features the organization has; the platform switches them. */
export function OwnFeatures() {
  const t = useTranslations('settings.features')
  const found = useEndpoint(listOwnFlags, {})
  return (
    <div className="max-w-2xl">
      <p className="mb-4 text-soft">{t('hint')}</p>
      {found.isPending && (
        <Skeleton label={t('loading')} className="space-y-4">
          {['w-40', 'w-56', 'w-48', 'w-52'].map((width) => (
            <Bone key={width} className={width} />
          ))}
        </Skeleton>
      )}
      {found.error && (
        <ErrorBox
          title={t('failed')}
          error={found.error}
          onRetry={() => void found.refetch()}
          isRetrying={found.isFetching}
        />
      )}
      {found.data && (
        <ul className="divide-y divide-line rounded-card border border-line bg-panel">
          {found.data.items.map(({ flag, enabled }) => (
            <li key={flag} className="flex items-start justify-between gap-4 px-4 py-2.5">
              <div className="min-w-0">
                <p className="font-medium">{t(`names.${flag}`)}</p>
                <p className="text-soft text-xs">{t(`effects.${flag}`)}</p>
              </div>
              <StatusChip
                icon={enabled ? CircleCheck : CircleSlash}
                tone={enabled ? 'ok' : 'neutral'}
                label={enabled ? t('on') : t('off')}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
