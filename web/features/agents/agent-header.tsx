'use client'
import { Ellipsis } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../components/menu.tsx'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { AgentSync } from './agent-sync.tsx'
import type { AgentDetail } from './agent-types.ts'
import { useAgentCalls } from './use-agent-calls.ts'

const PublishDialog = lazy(() =>
  import('./publish-dialog.tsx').then((file) => ({ default: file.PublishDialog })),
)
const NameDialog = lazy(() =>
  import('./name-dialog.tsx').then((file) => ({ default: file.NameDialog })),
)
const ArchiveAgent = lazy(() =>
  import('./archive-agent.tsx').then((file) => ({ default: file.ArchiveAgent })),
)

type Asking = 'publish' | 'rename' | 'duplicate' | 'archive'

/** Who the agent is, how it stands, and what is done with it as a whole. */
export function AgentHeader({ agent, isDirty }: { agent: AgentDetail; isDirty: boolean }) {
  const t = useTranslations('agents.header')
  const mayWrite = useMay('agents.write')
  const [asking, setAsking] = useState<Asking | null>(null)
  const close = () => setAsking(null)
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
      <div className="min-w-0">
        <h1 className="break-words font-semibold text-lg">{agent.name}</h1>
        <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-soft">
          <AgentSync state={agent.syncState} />
          <span>
            {agent.publishedVersion === null
              ? t('neverPublished')
              : t('version', { number: agent.publishedVersion })}
          </span>
          {agent.publishedVersion !== null && agent.hasUnpublishedChanges && (
            <span>{t('unpublishedChanges')}</span>
          )}
          {!mayWrite && <span>{t('readOnly')}</span>}
        </p>
      </div>
      {mayWrite && (
        <div className="flex items-center gap-2">
          <PublishButton agent={agent} isDirty={isDirty} onPublish={() => setAsking('publish')} />
          <Actions agent={agent} onAsk={setAsking} />
        </div>
      )}
      <Suspense fallback={null}>
        {asking === 'publish' && <PublishDialog agent={agent} onClose={close} />}
        {asking === 'archive' && <ArchiveAgent agent={agent} onClose={close} />}
        {(asking === 'rename' || asking === 'duplicate') && (
          <NameDialog agent={agent} purpose={asking} onClose={close} />
        )}
      </Suspense>
    </div>
  )
}

function PublishButton(props: { agent: AgentDetail; isDirty: boolean; onPublish(): void }) {
  const t = useTranslations('agents.header')
  const paused = useWriteRefusal()
  const { agent, isDirty } = props
  const unfit = agent.draftProblems.length > 0 ? t('incomplete') : null
  const same = agent.hasUnpublishedChanges ? null : t('nothingToPublish')
  return (
    <GuardedButton
      kind="primary"
      refusal={paused ?? (isDirty ? t('saveFirst') : (same ?? unfit))}
      onClick={props.onPublish}
    >
      {t('publish')}
    </GuardedButton>
  )
}

function Actions({ agent, onAsk }: { agent: AgentDetail; onAsk(what: Asking): void }) {
  const t = useTranslations('agents.header')
  const refusal = useWriteRefusal()
  const { check, push } = useAgentCalls(agent)
  const isPublished = agent.publishedVersion !== null
  const isOff = refusal !== null
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('actions')} className="border border-line bg-panel">
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      {refusal && (
        <>
          <MenuLabel>{refusal}</MenuLabel>
          <MenuLine />
        </>
      )}
      <MenuItem disabled={isOff} onSelect={() => onAsk('rename')}>
        {t('rename')}
      </MenuItem>
      <MenuItem disabled={isOff} onSelect={() => onAsk('duplicate')}>
        {t('duplicate')}
      </MenuItem>
      <MenuLine />
      <MenuItem disabled={isOff || !isPublished} onSelect={() => check.run()}>
        {t('checkDrift')}
      </MenuItem>
      <MenuItem disabled={isOff || !isPublished} onSelect={() => push.run()}>
        {t('pushAgain')}
      </MenuItem>
      <MenuLine />
      <MenuItem disabled={isOff} onSelect={() => onAsk('archive')}>
        {t('archive')}
      </MenuItem>
    </Menu>
  )
}
