'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { listSettings } from '#contracts/system'
import { Button } from '../../components/button.tsx'
import { ChangedBy } from '../../components/changed-by.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { TableSkeleton } from '../../components/table-skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { usePlatformPeople } from '../../lib/use-platform-people.ts'
import { type Setting, useSettingWords } from './use-setting-words.ts'

const SettingDialog = lazy(() =>
  import('./setting-dialog.tsx').then((file) => ({ default: file.SettingDialog })),
)

const NOW_MS = 30_000

/** Every setting: what it is now, what it may be, what is to come, and its history. */
export function SettingsDesk() {
  const t = useTranslations('platform.settings')
  const settings = useEndpoint(listSettings, {})
  const [asked, ask] = useState<Setting | null>(null)
  if (settings.isPending) return <TableSkeleton label={t('loading')} />
  if (!settings.data) {
    return (
      <ErrorBox
        title={t('failed')}
        error={settings.error}
        onRetry={() => void settings.refetch()}
        isRetrying={settings.isFetching}
      />
    )
  }
  return (
    <>
      <ul aria-label={t('list')} className="space-y-3">
        {settings.data.items.map((one) => (
          <li key={one.key}>
            <SettingCard setting={one} onChange={() => ask(one)} />
          </li>
        ))}
      </ul>
      {asked && (
        <Suspense fallback={null}>
          <SettingDialog setting={asked} onClose={() => ask(null)} />
        </Suspense>
      )}
    </>
  )
}

function SettingCard({ setting: one, onChange }: { setting: Setting; onChange(): void }) {
  const t = useTranslations('platform.settings')
  const format = useFormat()
  const mayWrite = useMay('system.write')
  const now = useNow(NOW_MS)
  const { name, description, unit } = useSettingWords()(one)
  const toCome = one.versions.filter((version) => version.effectiveFrom > now)
  return (
    <section
      aria-label={name}
      className="rounded-card border border-line bg-panel px-4 py-3 [overflow-wrap:anywhere]"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 grow basis-64">
          <h2 className="font-medium">{name}</h2>
          <p className="text-soft text-xs">{description}</p>
          <p className="text-soft text-xs">
            {t('bounds', {
              minimum: one.minimum,
              maximum: one.maximum,
              usual: one.default,
            })}
          </p>
        </div>
        <p className="font-semibold text-lg tabular-nums">
          {format.number(one.value)} <span className="font-normal text-sm text-soft">{unit}</span>
        </p>
        {mayWrite && (
          <Button size="small" aria-label={t('changeOf', { setting: name })} onClick={onChange}>
            {t('change')}
          </Button>
        )}
      </div>
      {toCome.map((version) => (
        <p key={version.effectiveFrom.toISOString()} className="mt-2 text-xs">
          {t('toCome', {
            value: format.number(version.value),
            when: format.stamp(version.effectiveFrom),
          })}
        </p>
      ))}
      <History setting={one} />
    </section>
  )
}

function History({ setting: one }: { setting: Setting }) {
  const t = useTranslations('platform.settings')
  const format = useFormat()
  const people = usePlatformPeople()
  if (one.versions.length === 0) {
    return <p className="mt-2 text-soft text-xs">{t('neverChanged')}</p>
  }
  return (
    <details className="mt-2">
      <summary className="w-fit cursor-pointer rounded-sm text-soft text-xs hover:text-ink">
        {t('history', { count: one.versions.length })}
      </summary>
      <ol className="mt-1 divide-y divide-line">
        {one.versions.map((version) => (
          <li
            key={`${version.effectiveFrom.toISOString()} ${version.createdAt.toISOString()}`}
            className="flex flex-wrap gap-x-4 py-1.5"
          >
            <span className="w-20 tabular-nums">{format.number(version.value)}</span>
            <span className="text-xs">
              {t('from', { when: format.moment(version.effectiveFrom) })}
            </span>
            <ChangedBy
              actorId={version.actorId}
              people={people}
              at={version.createdAt}
              reason={version.reason}
            />
          </li>
        ))}
      </ol>
    </details>
  )
}
