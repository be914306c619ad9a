'use client'
import { CircleX, GitCompareArrows, ListTodo, type LucideIcon, TriangleAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { classes } from '../../lib/classes.ts'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import type { AgentDetail } from './agent-types.ts'
import { type TabKey, tabOf } from './editor-tabs.ts'
import { useAgentCalls } from './use-agent-calls.ts'
import { usePlaceWords } from './use-place-words.ts'

const DriftDialog = lazy(() =>
  import('./drift-dialog.tsx').then((file) => ({ default: file.DriftDialog })),
)

/** What stands between this agent and its callers, each with what can be done about it. */
export function AgentNotices(props: {
  agent: AgentDetail
  isDirty: boolean
  isBehind: boolean
  onCompare(): void
  onTab(tab: TabKey): void
}) {
  const { agent } = props
  const mayWrite = useMay('agents.write')
  return (
    <div className="mt-3 space-y-2 empty:hidden">
      {props.isBehind && <Behind agent={agent} onCompare={props.onCompare} />}
      {agent.sync.state === 'failed' && <Failed agent={agent} />}
      {agent.sync.state === 'drifted' && agent.sync.drift && (
        <Drifted agent={agent} isDirty={props.isDirty} />
      )}
      {mayWrite && agent.hasUnpublishedChanges && agent.draftProblems.length > 0 && (
        <Unfit agent={agent} onTab={props.onTab} />
      )}
    </div>
  )
}

function Notice(props: {
  icon: LucideIcon
  tone: string
  title: string
  children?: ReactNode
  action?: ReactNode
  isAlert?: boolean
}) {
  const Icon = props.icon
  return (
    <div
      role={props.isAlert ? 'alert' : 'status'}
      className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-card border border-line bg-panel px-4 py-3"
    >
      <Icon aria-hidden className={classes('mt-0.5 size-4 shrink-0', props.tone)} />
      <div className="min-w-0 grow basis-60">
        <p className="font-medium">{props.title}</p>
        {props.children && <div className="mt-0.5 break-words text-soft">{props.children}</div>}
      </div>
      {props.action}
    </div>
  )
}

function Behind({ agent, onCompare }: { agent: AgentDetail; onCompare(): void }) {
  const t = useTranslations('agents.notices')
  const name = agent.draftSavedBy
  return (
    <Notice
      icon={GitCompareArrows}
      tone="text-warn"
      title={name ? t('behindBy', { name }) : t('behind')}
      action={<Button onClick={onCompare}>{t('compare')}</Button>}
    >
      {t('behindHint')}
    </Notice>
  )
}

function Failed({ agent }: { agent: AgentDetail }) {
  const t = useTranslations('agents.notices')
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const { push } = useAgentCalls(agent)
  const { error, pushedVersion } = agent.sync
  return (
    <Notice
      icon={CircleX}
      tone="text-bad"
      title={t('failed', { number: agent.publishedVersion ?? 1 })}
      action={
        mayWrite && (
          <GuardedButton refusal={refusal} disabled={push.isSending} onClick={push.run}>
            {t('retry')}
          </GuardedButton>
        )
      }
    >
      {error && (
        <p>
          {t('vendorSays')} <q className="text-ink">{error.message}</q> <code>{error.code}</code>
        </p>
      )}
      <p>
        {pushedVersion === null ? t('nothingThere') : t('stillThere', { number: pushedVersion })}
      </p>
    </Notice>
  )
}

function Drifted({ agent, isDirty }: { agent: AgentDetail; isDirty: boolean }) {
  const t = useTranslations('agents.notices')
  const mayWrite = useMay('agents.write')
  const [isOpen, setOpen] = useState(false)
  const { drift } = agent.sync
  if (!drift) return null
  return (
    <>
      <Notice
        icon={TriangleAlert}
        tone="text-warn"
        title={drift.isGone ? t('gone') : t('drifted', { count: drift.differences.length })}
        action={<Button onClick={() => setOpen(true)}>{mayWrite ? t('decide') : t('look')}</Button>}
      >
        {drift.isGone ? t('goneHint') : t('driftedHint')}
      </Notice>
      <Suspense fallback={null}>
        {isOpen && <DriftDialog agent={agent} isDirty={isDirty} onClose={() => setOpen(false)} />}
      </Suspense>
    </>
  )
}

function Unfit({ agent, onTab }: { agent: AgentDetail; onTab(tab: TabKey): void }) {
  const t = useTranslations('agents.notices')
  const wordsFor = usePlaceWords(agent.draft)
  return (
    <Notice icon={ListTodo} tone="text-soft" title={t('unfit')}>
      <ul>
        {agent.draftProblems.map(({ path, message }) => {
          const tab = tabOf(path)
          return (
            <li key={`${path} ${message}`}>
              {tab ? (
                <button
                  type="button"
                  onClick={() => onTab(tab)}
                  className="min-h-6 rounded-sm text-left font-medium text-ink underline decoration-edge underline-offset-2 hover:decoration-ink"
                >
                  {wordsFor(path)}
                </button>
              ) : (
                <span className="font-medium text-ink">{wordsFor(path)}</span>
              )}{' '}
              {message}
            </li>
          )
        })}
      </ul>
    </Notice>
  )
}
