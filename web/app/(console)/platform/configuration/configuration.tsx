'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { PageHeader } from '../../../../components/page-header.tsx'
import { Forbidden } from '../../../../components/refusals.tsx'
import { type Tab, Tabs } from '../../../../components/tabs.tsx'
import { RolesDesk } from '../../../../features/access/roles-desk.tsx'
import { SettingsDesk } from '../../../../features/system/settings-desk.tsx'
import { PricesDesk } from '../../../../features/wallet/prices-desk.tsx'
import { useMay } from '../../../../lib/session.tsx'

const tabKeys = ['settings', 'prices', 'people'] as const
type TabKey = (typeof tabKeys)[number]

/** What holds for the whole platform: its settings, its prices, its people. */
export function Configuration() {
  return useMay('system.read') ? <Desks /> : <Forbidden needs="system.read" />
}

function Desks() {
  const t = useTranslations('platform.configuration')
  const seesPeople = useMay('platform.roles.assign')
  const [tab, setTab] = useQueryState(
    'tab',
    parseAsStringLiteral(tabKeys).withDefault('settings').withOptions({ history: 'push' }),
  )
  const tabs: Tab<TabKey>[] = [
    { value: 'settings', label: t('tabs.settings'), content: <SettingsDesk /> },
    { value: 'prices', label: t('tabs.prices'), content: <PricesDesk /> },
  ]
  if (seesPeople) {
    tabs.push({ value: 'people', label: t('tabs.people'), content: <RolesDesk /> })
  }
  return (
    <div className="w-full max-w-5xl px-4 py-5 md:px-6">
      <PageHeader title={t('title')} />
      <Tabs
        label={t('tabs.label')}
        tabs={tabs}
        value={tab}
        onChange={(next) => void setTab(next)}
        className="mt-2"
      />
    </div>
  )
}
