'use client'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { getOrganization, type organizationSettings } from '#contracts/organizations'
import { ErrorBox } from '../../components/error-box.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { SettingsForm } from './settings-form.tsx'

export type OrganizationSettings = z.output<typeof organizationSettings>

/** The organization's own settings, as they stand. */
export function SettingsTab() {
  const t = useTranslations('settings.organization')
  const found = useEndpoint(getOrganization, {})
  if (found.data) return <SettingsForm key={found.data.id} settings={found.data} />
  if (found.isPending) return <FormSkeleton label={t('loading')} />
  return (
    <ErrorBox
      title={t('failed')}
      error={found.error}
      onRetry={() => void found.refetch()}
      isRetrying={found.isFetching}
    />
  )
}

const FormSkeleton = ({ label }: { label: string }) => (
  <Skeleton label={label} className="max-w-2xl space-y-6">
    {['w-24', 'w-32', 'w-28', 'w-36'].map((width) => (
      <div key={width}>
        <Bone className={width} />
        <Bone className="mt-2 h-8" />
      </div>
    ))}
  </Skeleton>
)
