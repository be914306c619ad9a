'use client'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { getTestRun } from '#contracts/agent-tests'
import { Button } from '../../../components/button.tsx'
import { ErrorBox } from '../../../components/error-box.tsx'
import { Moment } from '../../../components/moment.tsx'
import { Bone, Skeleton } from '../../../components/skeleton.tsx'
import { useEndpoint } from '../../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../../lib/intl/use-format.tsx'
import { paths } from '../../../lib/paths.ts'
import { useNow } from '../../../lib/use-now.ts'
import { useEditor } from '../editor-context.tsx'
import { BackToTests } from './back-to-tests.tsx'
import { EndRun } from './end-run.tsx'
import { StepList } from './step-list.tsx'
import { type AgentTest, isUnfinished, type TestRunDetail } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'
import { RUNNING_MS } from './use-tests.ts'
import { BrokenReason, Verdict } from './verdict.tsx'

const NOW_MS = 60_000

/** A run by itself, as that of a test which is gone. */
export const RunScreen = ({ runId }: { runId: string }) => (
  <div>
    <BackToTests />
    <Run runId={runId} />
  </div>
)

/** What one run saw of each step, and the call it was; below its test, or by itself. */
export function Run({ runId, ofTest }: { runId: string; ofTest?: AgentTest }) {
  const t = useTranslations('agentTests.result')
  const { agent } = useEditor()
  const found = useEndpoint(
    getTestRun,
    { params: { agentId: agent.id, runId } },
    {
      refetchInterval: (asked) => {
        const state = asked.state.data?.state
        return state && isUnfinished(state) ? RUNNING_MS : false
      },
    },
  )
  if (found.data) return <Shown run={found.data} {...(ofTest && { ofTest })} />
  if (found.isPending) {
    return (
      <Skeleton label={t('loading')} className="space-y-3">
        <Bone className="w-64 max-w-full" />
        <Bone className="h-40" />
      </Skeleton>
    )
  }
  const { error } = found
  // 400: what stands in the address is no id at all.
  if (error.status === 404 || error.status === 400) {
    return (
      <div>
        <p className="font-medium">{t('absent')}</p>
        <p className="text-soft">{t('absentHint')}</p>
      </div>
    )
  }
  return (
    <ErrorBox
      title={t('failed')}
      error={error}
      onRetry={() => void found.refetch()}
      isRetrying={found.isFetching}
    />
  )
}

function Shown({ run, ofTest }: { run: TestRunDetail; ofTest?: AgentTest }) {
  const t = useTranslations('agentTests.result')
  const { open } = useTestDesk()
  const Title = ofTest ? 'h3' : 'h2'
  const isOld = !run.isPresent && !isUnfinished(run.state)
  return (
    <section aria-label={t('title')} className="space-y-3">
      <div>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <Title tabIndex={-1} className={ofTest ? 'font-semibold' : 'font-semibold text-base'}>
            {ofTest ? t('title') : run.testName}
          </Title>
          <Verdict verdict={run.state} />
          {run.callId && (
            <Link href={paths.call(run.callId)} className="text-brand hover:underline">
              {t('toCall')}
            </Link>
          )}
          {/* Of another run it is another button. */}
          <EndRun key={run.id} run={run} />
        </div>
        <RunFacts run={run} />
      </div>
      {run.state === 'queued' && <p role="status">{t('waits')}</p>}
      {run.state === 'running' && <p role="status">{t('runs')}</p>}
      {run.state === 'broken' && (
        <p className="rounded-control bg-warn/10 px-3 py-2">
          <BrokenReason run={run} />
        </p>
      )}
      {isOld && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-control bg-ink/4 px-3 py-2">
          <p className="min-w-0 grow basis-60">{t('otherDraft')}</p>
          {ofTest && (
            <Button size="small" onClick={() => open({ test: ofTest.id })}>
              {t('present')}
            </Button>
          )}
        </div>
      )}
      <StepList steps={run.steps} run={run} />
    </section>
  )
}

function RunFacts({ run }: { run: TestRunDetail }) {
  const t = useTranslations('agentTests.result')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const { startedAt, finishedAt, queuedAt, startedBy, costCents } = run
  const seconds = startedAt && finishedAt ? Math.round((+finishedAt - +startedAt) / 1_000) : null
  return (
    <p className="flex flex-wrap gap-x-3 text-soft text-xs tabular-nums">
      <Moment at={startedAt ?? queuedAt} now={now} />
      {startedBy && <span>{t('startedBy', { name: startedBy })}</span>}
      {seconds !== null && <span>{t('took', { time: format.duration(seconds) })}</span>}
      {costCents !== null && <span>{t('cost', { money: format.money(costCents) })}</span>}
    </p>
  )
}
