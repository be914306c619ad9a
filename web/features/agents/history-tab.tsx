'use client'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { listVersions } from '#contracts/agents'
import { Button } from '../../components/button.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Moment } from '../../components/moment.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { useMay } from '../../lib/session.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { AgentVersion } from './agent-types.ts'
import { useEditor } from './editor-context.tsx'

const CompareDialog = lazy(() =>
  import('./compare-dialog.tsx').then((file) => ({ default: file.CompareDialog })),
)
const RestoreDialog = lazy(() =>
  import('./restore-dialog.tsx').then((file) => ({ default: file.RestoreDialog })),
)

const NOW_MS = 60_000

/** Every version that was published, newest first: compared with one another and with the draft, published again. */
export function HistoryTab() {
  const t = useTranslations('agents.history')
  const { agent } = useEditor()
  const list = useEndpointPages(listVersions, { params: { agentId: agent.id }, query: {} })
  const [comparing, setComparing] = useState<AgentVersion | null>(null)
  const [restoring, setRestoring] = useState<AgentVersion | null>(null)
  return (
    <section aria-label={t('title')} className="-mx-4 md:-mx-6">
      <GrowingList
        list={list}
        loading={t('loading')}
        failed={t('failed')}
        end={t('allShown')}
        empty={<p className="px-4 text-soft md:px-6">{t('empty')}</p>}
      >
        {(versions) => (
          <ol
            aria-label={t('title')}
            className="mx-4 divide-y divide-line rounded-card border border-line bg-panel md:mx-6"
          >
            {versions.map((version) => (
              <Version
                key={version.number}
                version={version}
                onCompare={() => setComparing(version)}
                onRestore={() => setRestoring(version)}
              />
            ))}
          </ol>
        )}
      </GrowingList>
      <Suspense fallback={null}>
        {comparing && (
          <CompareDialog
            agent={agent}
            number={comparing.number}
            onClose={() => setComparing(null)}
          />
        )}
        {restoring && (
          <RestoreDialog agent={agent} version={restoring} onClose={() => setRestoring(null)} />
        )}
      </Suspense>
    </section>
  )
}

function Version(props: { version: AgentVersion; onCompare(): void; onRestore(): void }) {
  const t = useTranslations('agents.history')
  const { agent } = useEditor()
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const now = useNow(NOW_MS)
  const { number, note, restoredFrom, publishedAt, publishedBy } = props.version
  const isCurrent = number === agent.publishedVersion
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2.5">
      <div className="min-w-0 grow basis-56">
        <p>
          <span className="font-medium">{t('version', { number })}</span>
          {isCurrent && <span className="ml-2 font-medium text-ok text-xs">{t('current')}</span>}
          {restoredFrom !== null && (
            <span className="ml-2 text-soft text-xs">
              {t('restoredFrom', { number: restoredFrom })}
            </span>
          )}
        </p>
        {note && <p className="break-words">{note}</p>}
        <p className="text-soft text-xs">
          <Moment at={publishedAt} now={now} />
          {publishedBy && ` · ${publishedBy}`}
        </p>
      </div>
      <Button size="small" aria-label={t('compareNamed', { number })} onClick={props.onCompare}>
        {t('compare')}
      </Button>
      {mayWrite && !isCurrent && (
        <GuardedButton
          size="small"
          refusal={refusal}
          aria-label={t('restoreNamed', { number })}
          onClick={props.onRestore}
        >
          {t('restore')}
        </GuardedButton>
      )}
    </li>
  )
}
