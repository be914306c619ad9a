'use client'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { parseAsString, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { getOrganizationDetail } from '#contracts/organizations'
import { Button } from '../../components/button.tsx'
import { Copy } from '../../components/copy.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { Forbidden, NotFound } from '../../components/refusals.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { StatTileBones } from '../../components/stat-tile.tsx'
import { type Tab, Tabs } from '../../components/tabs.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { OfficeOverview } from './office-overview.tsx'
import { type OrganizationDetail, OrganizationStatus } from './office-status.tsx'
import { StatusActions } from './status-actions.tsx'

const REFRESH_MS = 30_000 // Running calls and money change by the minute.

type OfficeScreenProps = {
  organizationId: string
  /** What other domains show of the organization, each as a tab. */
  more: readonly Tab<string>[]
}

/** One organization from outside. */
export function OfficeScreen(props: OfficeScreenProps) {
  return useMay('platform.organizations.read') ? (
    <Office {...props} />
  ) : (
    <Forbidden needs="platform.organizations.read" />
  )
}

function Office({ organizationId, more }: OfficeScreenProps) {
  const t = useTranslations('platform.organization')
  const found = useEndpoint(
    getOrganizationDetail,
    { params: { organizationId } },
    { refetchInterval: REFRESH_MS },
  )
  if (found.data) return <Loaded organization={found.data} more={more} />
  if (found.isPending) return <OfficeSkeleton />
  // 400: what stands in the address is no id at all.
  if (found.error.status === 404 || found.error.status === 400) {
    return (
      <NotFound title={t('notFound')} hint={t('notFoundHint')}>
        <Button asChild>
          <Link href={paths.platformOrganizations()}>{t('toList')}</Link>
        </Button>
      </NotFound>
    )
  }
  if (found.error.status === 403) return <Forbidden needs="platform.organizations.read" />
  return (
    <div className="p-4 md:p-6">
      <h1 className="sr-only">{t('tabs.label')}</h1>
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    </div>
  )
}

function Loaded(props: { organization: OrganizationDetail; more: readonly Tab<string>[] }) {
  const t = useTranslations('platform.organization')
  const { organization, more } = props
  const [chosen, setChosen] = useQueryState('tab', parseAsString)
  const tabs: Tab<string>[] = [
    {
      value: 'overview',
      label: t('tabs.overview'),
      content: <OfficeOverview organization={organization} />,
    },
    ...more,
  ]
  const value = tabs.some((tab) => tab.value === chosen) ? chosen : null
  return (
    <div className="flex w-full max-w-[90rem] min-w-0 grow flex-col px-4 pt-4 pb-6 md:px-6">
      <Link
        href={paths.platformOrganizations()}
        className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-3.5" />
        {t('toList')}
      </Link>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h1 className="break-words font-semibold text-lg">{organization.name}</h1>
          <div className="mt-0.5 flex flex-wrap items-center gap-x-4">
            <OrganizationStatus status={organization.status} />
            <span className="flex items-center gap-1 text-soft text-xs">
              <code className="break-all">{organization.id}</code>
              <Copy text={organization.id} label={t('id')} />
            </span>
          </div>
          {organization.statusReason && (
            <p className="mt-1 text-soft">{t('reason', { reason: organization.statusReason })}</p>
          )}
        </div>
        <StatusActions organization={organization} />
      </div>
      {more.length === 0 ? (
        <div className="mt-4">{tabs[0]?.content}</div>
      ) : (
        <Tabs
          label={t('tabs.label')}
          tabs={tabs}
          value={value ?? 'overview'}
          onChange={(tab) => void setChosen(tab === 'overview' ? null : tab, { history: 'push' })}
          className="mt-3"
        />
      )}
    </div>
  )
}

function OfficeSkeleton() {
  const t = useTranslations('platform.organization')
  return (
    <Skeleton
      label={t('loading')}
      className="flex w-full max-w-[90rem] flex-col gap-4 px-4 pt-11 md:px-6"
    >
      <h1 className="sr-only">{t('loading')}</h1>
      <Bone className="h-5 w-72 max-w-full" />
      <Bone className="w-96 max-w-full" />
      <StatTileBones count={6} />
      <Bone className="h-40 rounded-card" />
    </Skeleton>
  )
}
