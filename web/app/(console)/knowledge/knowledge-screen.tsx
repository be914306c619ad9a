'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, Suspense } from 'react'
import { useTranslations } from 'use-intl'
import { LeaveGuard } from '../../../components/leave-guard.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Forbidden } from '../../../components/refusals.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { DocumentsTab } from '../../../features/knowledge/documents-tab.tsx'
import { useUploads } from '../../../features/knowledge/use-uploads.ts'
import { useMay } from '../../../lib/session.tsx'

const CompetitorsTab = lazy(() =>
  import('../../../features/competitors/competitors-tab.tsx').then((file) => ({
    default: file.CompetitorsTab,
  })),
)

const tabKeys = ['documents', 'competitors'] as const

/** What the organization knows: its documents, and what to say about its competitors. */
export function KnowledgeScreen() {
  return useMay('knowledge.read') ? <Knowledge /> : <Forbidden needs="knowledge.read" />
}

function Knowledge() {
  const t = useTranslations('knowledge')
  const mayWrite = useMay('knowledge.write')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabKeys).withDefault('documents'))
  // Kept above the tabs: files go on while the other one is looked at.
  const uploads = useUploads()
  return (
    <>
      <div className="px-4 pt-5 pb-1 md:px-6">
        <PageHeader title={t('title')} note={mayWrite ? undefined : t('readOnly')} />
      </div>
      <Tabs
        label={t('tabs.label')}
        value={tab}
        onChange={(value) => void setTab(value, { history: 'push' })}
        listClassName="px-4 md:px-6"
        tabs={[
          {
            value: 'documents',
            label: t('tabs.documents'),
            content: <DocumentsTab uploads={uploads} />,
          },
          {
            value: 'competitors',
            label: t('tabs.competitors'),
            content: (
              <Suspense fallback={null}>
                <CompetitorsTab />
              </Suspense>
            ),
          },
        ]}
      />
      <LeaveGuard
        isActive={uploads.isBusy}
        title={t('leave.title')}
        effect={t('leave.effect')}
        action={t('leave.action')}
      />
    </>
  )
}
