'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, Suspense } from 'react'
import { useTranslations } from 'use-intl'
import { LinkTabs } from '../../../components/link-tabs.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Forbidden } from '../../../components/refusals.tsx'
import { paths, settingsTabs } from '../../../lib/paths.ts'
import { useMay } from '../../../lib/session.tsx'

// One tab at a time is looked at; the others' code comes when they are.
const contents = {
  organization: lazy(() =>
    import('../../../features/organizations/settings-tab.tsx').then((file) => ({
      default: file.SettingsTab,
    })),
  ),
  'calling-out': lazy(() =>
    import('./calling-out.tsx').then((file) => ({ default: file.CallingOut })),
  ),
  'api-keys': lazy(() =>
    import('../../../features/api-keys/api-keys-tab.tsx').then((file) => ({
      default: file.ApiKeysTab,
    })),
  ),
  webhooks: lazy(() =>
    import('../../../features/outgoing-webhooks/webhooks-tab.tsx').then((file) => ({
      default: file.WebhooksTab,
    })),
  ),
  features: lazy(() =>
    import('../../../features/system/own-features.tsx').then((file) => ({
      default: file.OwnFeatures,
    })),
  ),
} as const

/** What an admin sets for the organization, by tab. */
export function SettingsScreen() {
  return useMay('organization.update') ? <Settings /> : <Forbidden needs="organization.update" />
}

function Settings() {
  const t = useTranslations('settings')
  const [tab] = useQueryState('tab', parseAsStringLiteral(settingsTabs).withDefault('organization'))
  const Content = contents[tab]
  return (
    <div className="flex grow flex-col px-4 pt-5 md:px-6">
      <PageHeader title={t('title')} />
      <LinkTabs
        label={t('tabs.label')}
        currentKey={tab}
        tabs={settingsTabs.map((key) => ({
          key,
          label: t(`tabs.${key}`),
          href: paths.settings(key === 'organization' ? {} : { tab: key }),
        }))}
        className="-mx-4 mt-1 mb-5 px-4 md:-mx-6 md:px-6"
      />
      <Suspense fallback={null}>
        <Content />
      </Suspense>
    </div>
  )
}
