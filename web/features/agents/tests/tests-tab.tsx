'use client'
import { parseAsString, useQueryStates } from 'nuqs'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorBox } from '../../../components/error-box.tsx'
import { useEditor } from '../editor-context.tsx'
import { RunScreen } from './run-view.tsx'
import { TestList } from './test-list.tsx'
import type { AgentTest } from './test-types.ts'
import { TestView } from './test-view.tsx'
import { TestsProvider, type TestTask } from './tests-context.tsx'
import { TestsLoading } from './tests-loading.tsx'
import { typedTest } from './typed-steps.ts'
import { type Runner, useRunner } from './use-runner.ts'
import { useTests } from './use-tests.ts'

const TestEditor = lazy(() =>
  import('./test-editor.tsx').then((file) => ({ default: file.TestEditor })),
)
const DeleteTest = lazy(() =>
  import('./delete-test.tsx').then((file) => ({ default: file.DeleteTest })),
)
const AskToSave = lazy(() =>
  import('./ask-to-save.tsx').then((file) => ({ default: file.AskToSave })),
)

const place = { test: parseAsString, run: parseAsString }

/** What the draft is tried by: all tests, one of them, or one run. */
export function TestsTab() {
  const t = useTranslations('agentTests')
  const { agent } = useEditor()
  const found = useTests(agent)
  const runner = useRunner(agent.id)
  const [task, setTask] = useState<TestTask | null>(null)
  const [{ test, run }, setPlace] = useQueryStates(place, { history: 'push' })
  const section = useFocusOnHeading(`${test} ${run}`)
  const open = (next: { test?: string | null; run?: string | null }) =>
    void setPlace({ test: null, run: null, ...next })
  return (
    <TestsProvider value={{ runner, open, onTask: setTask }}>
      <section ref={section} aria-label={t('title')}>
        {found.isPending && <TestsLoading />}
        {found.error && (
          <ErrorBox
            title={t('failed')}
            error={found.error}
            onRetry={() => void found.refetch()}
            isRetrying={found.isFetching}
            className="mb-4"
          />
        )}
        {found.tests && <Shown tests={found.tests} test={test} run={run} />}
      </section>
      <Suspense fallback={null}>
        <Task task={task} runner={runner} onClose={() => setTask(null)} />
      </Suspense>
    </TestsProvider>
  )
}

function Shown(props: { tests: readonly AgentTest[]; test: string | null; run: string | null }) {
  const { tests, test, run } = props
  if (test) return <TestView test={tests.find(({ id }) => id === test)} runId={run} />
  return run ? <RunScreen runId={run} /> : <TestList tests={tests} />
}

/** What is being done about a test on top of the screen. */
function Task(props: { task: TestTask | null; runner: Runner; onClose(): void }) {
  const t = useTranslations('agentTests')
  const { task, runner, onClose } = props
  if (runner.isAsking) return <AskToSave runner={runner} />
  if (!task) return null
  if (task.what === 'delete') return <DeleteTest test={task.test} onClose={onClose} />
  if (task.what === 'edit') return <TestEditor test={task.test} onClose={onClose} />
  if (task.what === 'duplicate') {
    const copy = { ...task.test, name: t('copyOf', { name: task.test.name }) }
    return <TestEditor start={typedTest(copy)} onClose={onClose} />
  }
  return <TestEditor {...(task.start && { start: task.start })} onClose={onClose} />
}

/** Where one thing takes the place of another, the keyboard goes on from its heading. */
function useFocusOnHeading(shown: string) {
  const section = useRef<HTMLElement>(null)
  const last = useRef(shown)
  useEffect(() => {
    if (last.current === shown) return
    last.current = shown
    section.current?.querySelector<HTMLElement>('h2')?.focus()
  }, [shown])
  return section
}
