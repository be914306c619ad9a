'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { LinkTabs } from '../../../components/link-tabs.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Forbidden } from '../../../components/refusals.tsx'
import { ApiKeysTab } from '../../../features/api-keys/api-keys-tab.tsx'
import { SettingsTab } from '../../../features/organizations/settings-tab.tsx'
import { WebhooksTab } from '../../../features/outgoing-webhooks/webhooks-tab.tsx'
import { OwnFeatures } from '../../../features/system/own-features.tsx'
import { paths, settingsTabs } from '../../../lib/paths.ts'
import { useMay } from '../../../lib/session.tsx'

const contents = {
  organization: SettingsTab,
  'api-keys': ApiKeysTab,
  webhooks: WebhooksTab,
  features: OwnFeatures,
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
      <Content />
    </div>
  )
}
