'use client'
import { SquarePen } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ErrorBox } from '../../../components/error-box.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { Moment } from '../../../components/moment.tsx'
import { useMay } from '../../../lib/session.tsx'
import { useNow } from '../../../lib/use-now.ts'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { BackToTests } from './back-to-tests.tsx'
import { RunList } from './run-list.tsx'
import { Run } from './run-view.tsx'
import { StepList } from './step-list.tsx'
import { RunButton, TestActions } from './test-actions.tsx'
import type { AgentTest } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'
import { Verdict } from './verdict.tsx'

const NOW_MS = 60_000

/** One test: what it said of the present draft, or what an earlier run of it saw. */
export function TestView({ test, runId }: { test: AgentTest | undefined; runId: string | null }) {
  const t = useTranslations('agentTests')
  if (!test) {
    return (
      <div className="space-y-1">
        <BackToTests />
        <h2 tabIndex={-1} className="font-semibold text-base">
          {t('absent')}
        </h2>
        <p className="text-soft">{t('absentHint')}</p>
      </div>
    )
  }
  const shown = runId ?? test.lastRun?.id
  return (
    <div className="space-y-5">
      <Head test={test} />
      {shown ? (
        <Run runId={shown} ofTest={test} />
      ) : (
        <>
          <p className="text-soft">{t('result.notRun')}</p>
          <StepList steps={test.steps} />
        </>
      )}
      <section aria-labelledby="earlier-runs" className="space-y-3">
        <h3 id="earlier-runs" className="font-semibold">
          {t('runs.title')}
        </h3>
        <RunList agentId={test.agentId} testId={test.id} shown={shown} />
      </section>
    </div>
  )
}

function Head({ test }: { test: AgentTest }) {
  const t = useTranslations('agentTests')
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const { runner, onTask, open } = useTestDesk()
  const now = useNow(NOW_MS)
  return (
    <div>
      <BackToTests />
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 tabIndex={-1} className="break-words font-semibold text-base">
            {test.name}
          </h2>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <Verdict verdict={test.verdict} />
            <span className="text-soft text-xs">
              {t('changed')} <Moment at={test.updatedAt} now={now} style="ago" />
              {test.updatedBy && ` · ${test.updatedBy}`}
            </span>
          </div>
        </div>
        {mayWrite && (
          <div className="flex items-center gap-2">
            {/* What is shown next is the run that was asked for, not the one from before. */}
            <RunButton test={test} kind="primary" onRun={() => open({ test: test.id })} />
            <GuardedButton refusal={refusal} onClick={() => onTask({ what: 'edit', test })}>
              <SquarePen aria-hidden className="size-4 text-soft" />
              {t('edit')}
            </GuardedButton>
            <TestActions test={test} />
          </div>
        )}
      </div>
      {runner.failure && (
        <ErrorBox title={t('startFailed')} error={runner.failure} className="mt-3" />
      )}
    </div>
  )
}
