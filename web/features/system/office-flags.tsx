'use client'
import { CircleCheck, CircleOff } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { z } from 'zod'
import { type flag, listFlags } from '#contracts/system'
import { Button } from '../../components/button.tsx'
import { ChangedBy } from '../../components/changed-by.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { StatusChip } from '../../components/status-chip.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { usePlatformPeople } from '../../lib/use-platform-people.ts'

const FlagDialog = lazy(() =>
  import('./flag-dialog.tsx').then((file) => ({ default: file.FlagDialog })),
)

export type Flag = z.output<typeof flag>

/** The features of one organization: which are on, who switched them and why. */
export function OfficeFlags({ organizationId }: { organizationId: string }) {
  const t = useTranslations('platform.flags')
  const mayWrite = useMay('flags.write')
  const people = usePlatformPeople()
  const flags = useEndpoint(listFlags, { params: { organizationId } })
  const [asked, ask] = useState<Flag | null>(null)
  if (flags.isPending) return <TableSkeleton label={t('loading')} />
  if (!flags.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={flags.error}
        onRetry={() => void flags.refetch()}
        isRetrying={flags.isFetching}
      />
    )
  }
  return (
    <>
      <ul aria-label={t('list')} className="divide-y divide-line">
        {flags.data.items.map((one) => (
          <li key={one.flag} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <div className="min-w-0 grow basis-72">
              <p className="font-medium">{t(`names.${one.flag}`)}</p>
              {one.changedAt && (
                <ChangedBy
                  actorId={one.actorId}
                  people={people}
                  at={one.changedAt}
                  reason={one.reason}
                />
              )}
            </div>
            <StatusChip
              icon={one.enabled ? CircleCheck : CircleOff}
              tone={one.enabled ? 'ok' : 'neutral'}
              label={t(one.enabled ? 'on' : 'off')}
              className="w-16"
            />
            {mayWrite && (
              <Button
                size="small"
                aria-label={t(one.enabled ? 'switch.off' : 'switch.on', {
                  feature: t(`names.${one.flag}`),
                })}
                onClick={() => ask(one)}
                className="w-24"
              >
                {t(one.enabled ? 'action.off' : 'action.on')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked && (
        <Suspense fallback={null}>
          <FlagDialog organizationId={organizationId} flag={asked} onClose={() => ask(null)} />
        </Suspense>
      )}
    </>
  )
}
