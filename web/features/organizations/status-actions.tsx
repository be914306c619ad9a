'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { useMay } from '../../lib/session.tsx'
import type { OrganizationDetail } from './office-status.tsx'

const StatusDialog = lazy(() =>
  import('./status-dialog.tsx').then((file) => ({ default: file.StatusDialog })),
)

export type StatusAction = 'pause' | 'archive' | 'resume'

const actionsOf: Record<OrganizationDetail['status'], readonly StatusAction[]> = {
  active: ['pause', 'archive'],
  paused: ['resume', 'archive'],
  archived: ['resume'],
}

/** What can be done about the organization as it stands now. */
export function StatusActions({ organization }: { organization: OrganizationDetail }) {
  const t = useTranslations('platform.organization.actions')
  const mayManage = useMay('platform.organizations.manage')
  const [asked, ask] = useState<StatusAction | null>(null)
  if (!mayManage) return null
  return (
    <div className="flex flex-wrap gap-2">
      {actionsOf[organization.status].map((action) => (
        <Button
          key={action}
          kind={action === 'resume' ? 'primary' : 'plain'}
          onClick={() => ask(action)}
        >
          {t(action)}
        </Button>
      ))}
      {asked && (
        <Suspense fallback={null}>
          <StatusDialog organization={organization} action={asked} onClose={() => ask(null)} />
        </Suspense>
      )}
    </div>
  )
}
