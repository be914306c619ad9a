'use client'
import { ChevronDown, FlaskConical, Play, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '../../../components/button.tsx'
import { Empty } from '../../../components/empty.tsx'
import { ErrorBox } from '../../../components/error-box.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { Moment } from '../../../components/moment.tsx'
import { classes } from '../../../lib/classes.ts'
import { useMay } from '../../../lib/session.tsx'
import { useNow } from '../../../lib/use-now.ts'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { useEditor } from '../editor-context.tsx'
import { ImportFile } from './import-file.tsx'
import { PublishGate } from './publish-gate.tsx'
import { RunButton, TestActions } from './test-actions.tsx'
import { type AgentTest, isUnfinished } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'
import { BrokenReason, Verdict } from './verdict.tsx'

const RunList = lazy(() => import('./run-list.tsx').then((file) => ({ default: file.RunList })))

const NOW_MS = 60_000

/** Every test with what it says of the draft as it is. */
export function TestList({ tests }: { tests: readonly AgentTest[] }) {
  const t = useTranslations('agentTests')
  const mayWrite = useMay('agents.write')
  const { runner } = useTestDesk()
  return (
    <div className="space-y-4">
      <div>
        <h2 tabIndex={-1} className="font-semibold text-base">
          {t('title')}
        </h2>
        <p className="text-soft">{t('hint')}</p>
      </div>
      <PublishGate />
      {tests.length === 0 ? (
        <Empty
          icon={FlaskConical}
          title={t('empty')}
          hint={mayWrite ? t('emptyHint') : t('emptyReader')}
          className="py-10"
          {...(mayWrite && { action: <Makers /> })}
        />
      ) : (
        <>
          <Bar tests={tests} />
          {runner.failure && <ErrorBox title={t('startFailed')} error={runner.failure} />}
          <ul
            aria-label={t('title')}
            className="divide-y divide-line rounded-card border border-line bg-panel"
          >
            {tests.map((test) => (
              <Row key={test.id} test={test} />
            ))}
          </ul>
        </>
      )}
      <AllRuns />
    </div>
  )
}

function Makers() {
  const t = useTranslations('agentTests')
  const { onTask } = useTestDesk()
  const refusal = useWriteRefusal()
  return (
    <>
      <GuardedButton refusal={refusal} onClick={() => onTask({ what: 'create' })}>
        <Plus aria-hidden className="size-4 text-soft" />
        {t('create')}
      </GuardedButton>
      <ImportFile refusal={refusal} />
    </>
  )
}

function Bar({ tests }: { tests: readonly AgentTest[] }) {
  const t = useTranslations('agentTests')
  const mayWrite = useMay('agents.write')
  const { runner } = useTestDesk()
  const unfinished = tests.filter(({ verdict }) => isUnfinished(verdict)).length
  const passed = tests.filter(({ verdict }) => verdict === 'passed').length
  const isAllUnderWay = unfinished === tests.length
  return (
    <div className="flex flex-wrap items-center gap-2">
      <p role="status" className="mr-auto tabular-nums max-sm:basis-full">
        {unfinished > 0
          ? t('running', { count: unfinished })
          : t('tally', { passed, count: tests.length })}
      </p>
      {mayWrite && (
        <>
          <Makers />
          <GuardedButton
            kind="primary"
            refusal={runner.refusal ?? (isAllUnderWay ? t('unfinished') : null)}
            disabled={runner.isStarting}
            onClick={() => runner.run()}
          >
            <Play aria-hidden className="size-4" />
            {t('runAll')}
          </GuardedButton>
        </>
      )}
    </div>
  )
}

function Row({ test }: { test: AgentTest }) {
  const t = useTranslations('agentTests')
  const mayWrite = useMay('agents.write')
  const { open } = useTestDesk()
  const now = useNow(NOW_MS)
  const { name, verdict, lastRun, steps, updatedAt, updatedBy } = test
  return (
    <li className="flex items-start gap-3 px-3 py-2.5">
      <div className="min-w-0 grow">
        <button
          type="button"
          onClick={() => open({ test: test.id })}
          className="min-h-6 max-w-full break-words rounded-sm text-left font-medium hover:underline"
        >
          {name}
        </button>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <Verdict verdict={verdict} />
          <span className="text-soft text-xs">
            {t('stepCount', { count: steps.length })} · {t('changed')}{' '}
            <Moment at={updatedAt} now={now} style="ago" />
            {updatedBy && <span className="max-sm:hidden"> · {updatedBy}</span>}
          </span>
        </div>
        {verdict === 'broken' && lastRun && (
          <p className="mt-0.5 text-soft text-xs">
            <BrokenReason run={lastRun} />
          </p>
        )}
      </div>
      {mayWrite && (
        <div className="flex shrink-0 items-center gap-1">
          <RunButton test={test} size="small" isTight />
          <TestActions test={test} />
        </div>
      )}
    </li>
  )
}

/** What was run so far, those of deleted tests with it; asked for when it is unfolded. */
function AllRuns() {
  const t = useTranslations('agentTests.runs')
  const { agent } = useEditor()
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-label={t('ofAll')} className="space-y-3">
      <Button
        kind="quiet"
        size="small"
        aria-expanded={isOpen}
        className="-ml-2"
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronDown
          aria-hidden
          className={classes('size-4 shrink-0 text-soft', !isOpen && '-rotate-90')}
        />
        {t('ofAll')}
      </Button>
      <Suspense fallback={null}>{isOpen && <RunList agentId={agent.id} />}</Suspense>
    </section>
  )
}
