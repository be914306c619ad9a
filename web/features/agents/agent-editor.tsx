'use client'
import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { FieldPath } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { FormFailure } from '../../components/form.tsx'
import { SaveBar } from '../../components/save-bar.tsx'
import { type Tab, Tabs } from '../../components/tabs.tsx'
import { classes } from '../../lib/classes.ts'
import { paths } from '../../lib/paths.ts'
import { useMay } from '../../lib/session.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { AgentHeader } from './agent-header.tsx'
import { AgentNotices } from './agent-notices.tsx'
import type { AgentDetail } from './agent-types.ts'
import { AnalysisTab } from './analysis-tab.tsx'
import { BehaviourTab } from './behaviour-tab.tsx'
import { EditorProvider, type EditorValues } from './editor-context.tsx'
import { faultPaths, faultsByTab, type TabKey, tabKeys, tabOf } from './editor-tabs.ts'
import { HistoryTab } from './history-tab.tsx'
import { KnowledgeTab } from './knowledge-tab.tsx'
import { NumbersTab } from './numbers-tab.tsx'
import { PromptTab } from './prompt-tab.tsx'
import { PublishedCard } from './published-card.tsx'
import { TestsLoading } from './tests/tests-loading.tsx'
import { ToolsTab } from './tools-tab.tsx'
import { type Draft, useDraft } from './use-draft.ts'
import { VoiceTab } from './voice-tab.tsx'

const ConflictDialog = lazy(() =>
  import('./conflict-dialog.tsx').then((file) => ({ default: file.ConflictDialog })),
)
// Most visits are about something else.
const TestsTab = lazy(() =>
  import('./tests/tests-tab.tsx').then((file) => ({ default: file.TestsTab })),
)

const contents: Record<TabKey, () => ReactNode> = {
  prompt: () => <PromptTab />,
  voice: () => <VoiceTab />,
  knowledge: () => <KnowledgeTab />,
  tools: () => <ToolsTab />,
  analysis: () => <AnalysisTab />,
  behaviour: () => <BehaviourTab />,
  tests: () => (
    <Suspense fallback={<TestsLoading />}>
      <TestsTab />
    </Suspense>
  ),
  numbers: () => <NumbersTab />,
  history: () => <HistoryTab />,
}

/** Draws what calls the draft from this page: it belongs to calls, so whoever puts screens together hands it in. */
export type TestCallSlot = (draft: {
  agentId: string
  isDirty: boolean
  saveDraft(): Promise<boolean>
}) => ReactNode

/** The draft in tabs, what is published beside it, and everything that is done with the agent. */
export function AgentEditor({ agent, testCall }: { agent: AgentDetail; testCall?: TestCallSlot }) {
  const t = useTranslations('agents.detail')
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const draft = useDraft(agent)
  const { form, save, failure, messageOf, isSending, isDirty } = draft
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(tabKeys).withDefault('prompt'))
  const openTab = (chosen: TabKey) => void setTab(chosen, { history: 'push' })
  const [isComparing, setComparing] = useState(false)
  useFirstFault(draft, openTab)
  const tabs = useTabs(draft)
  const isConflictOpen = draft.isRefused || (isComparing && draft.isBehind)
  return (
    <EditorProvider
      editor={{
        agent,
        form,
        messageOf,
        isSending,
        isReadOnly: !mayWrite || refusal !== null,
        submit: () => void save(),
        isDirty,
        saveDraft: save,
      }}
    >
      <div
        className={classes(
          'mx-auto flex w-full max-w-[90rem] min-w-0 grow flex-col px-4 pt-4 md:px-6',
          // The bar ends the page.
          !isDirty && 'pb-6',
        )}
      >
        <Link
          href={paths.agents()}
          className="-ml-1 mb-1 inline-flex h-6 w-fit items-center gap-1 rounded-sm pr-1 text-soft text-xs hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-3.5" />
          {t('toList')}
        </Link>
        <AgentHeader agent={agent} isDirty={isDirty} />
        <AgentNotices
          agent={agent}
          isDirty={isDirty}
          isBehind={draft.isBehind}
          onCompare={() => setComparing(true)}
          onTab={openTab}
        />
        <div className="mt-4 grid min-w-0 grow grid-cols-1 items-start gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <Tabs label={t('tabs.label')} tabs={tabs} value={tab} onChange={openTab} />
          <aside aria-label={t('aside')} className="space-y-4 lg:sticky lg:top-16">
            {testCall?.({ agentId: agent.id, isDirty, saveDraft: save })}
            <PublishedCard agent={agent} />
          </aside>
        </div>
        <div className="mt-4 empty:hidden">
          <FormFailure error={failure} />
        </div>
        {mayWrite && (
          <SaveBar
            isDirty={isDirty}
            isSending={isSending}
            onSave={() => void save()}
            onDiscard={() => form.reset()}
          />
        )}
      </div>
      <Suspense fallback={null}>
        {isConflictOpen && (
          <ConflictDialog
            agent={agent}
            draft={draft}
            onClose={() => {
              setComparing(false)
              draft.forgetRefusal()
            }}
          />
        )}
      </Suspense>
    </EditorProvider>
  )
}

function useTabs({ form }: Draft): Tab<TabKey>[] {
  const t = useTranslations('agents.detail.tabs')
  const faults = faultsByTab(form.formState.errors.spec)
  return tabKeys.map((value) => {
    const count = faults.get(value) ?? 0
    const label = t(value)
    return {
      value,
      label: count > 0 ? t('withFaults', { tab: label, count }) : label,
      content: contents[value](),
    }
  })
}

/** After a save that was refused, brings the first field that is wrong into view, wherever it is. */
function useFirstFault({ form }: Draft, open: (tab: TabKey) => void): void {
  const { errors, submitCount, isSubmitting } = form.formState
  const latest = useRef({ errors, open, form })
  latest.current = { errors, open, form }
  const isOver = submitCount > 0 && !isSubmitting
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each try, whatever is typed after it.
  useEffect(() => {
    const [first] = faultPaths(latest.current.errors.spec)
    const tab = first && tabOf(first)
    if (!isOver || !tab) return
    latest.current.open(tab)
    // The field is there once its tab is drawn.
    const frame = requestAnimationFrame(() => latest.current.form.setFocus(inForm(first)))
    return () => cancelAnimationFrame(frame)
  }, [submitCount, isOver])
}

/** The faults were found by the form's own schema, so their places are its fields. */
const inForm = (path: string): FieldPath<EditorValues> => `spec.${path}` as FieldPath<EditorValues>
