'use client'
import { lazy, Suspense } from 'react'
import { useTranslations } from 'use-intl'
import type { Permission } from '#api/contract/permissions.ts'
import type { Tab } from '../../../../../components/tabs.tsx'
import { OfficeScreen } from '../../../../../features/organizations/office-screen.tsx'
import { OfficeFlags } from '../../../../../features/system/office-flags.tsx'
import { OfficeWallet } from '../../../../../features/wallet/office-wallet.tsx'
import { mayDo, useMe } from '../../../../../lib/session.tsx'

// Tabs that are not open at first.
const OrganizationPrices = lazy(() =>
  import('../../../../../features/wallet/prices-desk.tsx').then((file) => ({
    default: file.OrganizationPrices,
  })),
)
const OrganizationAudit = lazy(() =>
  import('../../../../../features/audit/organization-audit.tsx').then((file) => ({
    default: file.OrganizationAudit,
  })),
)

/** One organization, put together from what each domain shows the office of it. */
export function OrganizationOffice({ organizationId }: { organizationId: string }) {
  const t = useTranslations('platform.organization.tabs')
  const me = useMe()
  const all: (Tab<string> & { permission: Permission })[] = [
    {
      value: 'wallet',
      label: t('wallet'),
      permission: 'wallet.adjust',
      content: <OfficeWallet organizationId={organizationId} />,
    },
    {
      value: 'price',
      label: t('price'),
      permission: 'system.read',
      content: (
        <Suspense fallback={null}>
          <OrganizationPrices organizationId={organizationId} />
        </Suspense>
      ),
    },
    {
      value: 'features',
      label: t('features'),
      permission: 'system.read',
      content: <OfficeFlags organizationId={organizationId} />,
    },
    {
      value: 'audit',
      label: t('audit'),
      permission: 'platform.audit.read',
      content: (
        <Suspense fallback={null}>
          <OrganizationAudit organizationId={organizationId} />
        </Suspense>
      ),
    },
  ]
  return (
    <OfficeScreen
      key={organizationId}
      organizationId={organizationId}
      more={all.filter(({ permission }) => mayDo(me, permission))}
    />
  )
}
