'use client'
import { useTranslations } from 'use-intl'
import { listTestRuns } from '#contracts/agent-tests'
import { GrowingList } from '../../../components/growing-list.tsx'
import { Moment } from '../../../components/moment.tsx'
import { Bone, Skeleton } from '../../../components/skeleton.tsx'
import { useEndpointPages } from '../../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../../lib/intl/use-format.tsx'
import { useNow } from '../../../lib/use-now.ts'
import { isUnfinished, type TestRun } from './test-types.ts'
import { useTestDesk } from './tests-context.tsx'
import { RUNNING_MS } from './use-tests.ts'
import { Verdict } from './verdict.tsx'

const NOW_MS = 60_000

/** What was run, newest first: of one test, or of all that there are and were. */
export function RunList(props: { agentId: string; testId?: string; shown?: string | undefined }) {
  const t = useTranslations('agentTests.runs')
  const { agentId, testId, shown } = props
  const list = useEndpointPages(
    listTestRuns,
    { params: { agentId }, query: testId ? { testId } : {} },
    {
      refetchInterval: (pages) =>
        pages.some(({ items }) => items.some(({ state }) => isUnfinished(state)))
          ? RUNNING_MS
          : false,
    },
  )
  return (
    <div className="-mx-4 md:-mx-6">
      <GrowingList
        list={list}
        loading={t('loading')}
        skeleton={
          <Skeleton label={t('loading')} className="mx-4 md:mx-6">
            <Bone className="h-24" />
          </Skeleton>
        }
        failed={t('failed')}
        end={t('allShown')}
        empty={<p className="px-4 text-soft md:px-6">{t('empty')}</p>}
      >
        {(runs) => (
          <ol
            aria-label={testId ? t('title') : t('ofAll')}
            className="mx-4 divide-y divide-line rounded-card border border-line bg-panel md:mx-6"
          >
            {runs.map((run) => (
              <Row key={run.id} run={run} isOfAll={!testId} isShown={run.id === shown} />
            ))}
          </ol>
        )}
      </GrowingList>
    </div>
  )
}

function Row({ run, isOfAll, isShown }: { run: TestRun; isOfAll: boolean; isShown: boolean }) {
  const t = useTranslations('agentTests.runs')
  const format = useFormat()
  const now = useNow(NOW_MS)
  const { open } = useTestDesk()
  const { id, testId, testName, state, queuedAt, startedBy, isPresent } = run
  return (
    <li className="relative flex flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-2 hover:bg-ink/3">
      <Verdict verdict={state} className="w-32 shrink-0" />
      <button
        type="button"
        aria-label={t('show', { name: testName, at: format.stamp(queuedAt) })}
        {...(isShown && { 'aria-current': true })}
        onClick={() => open({ test: testId, run: id })}
        // The whole row is its target.
        className="min-h-6 min-w-0 break-words rounded-sm text-left font-medium after:absolute after:inset-0"
      >
        {isOfAll ? testName : <Moment at={queuedAt} now={now} />}
      </button>
      <span className="text-soft text-xs">
        {isOfAll && <Moment at={queuedAt} now={now} />}
        {isOfAll && startedBy && ' · '}
        {startedBy}
      </span>
      <span className="ml-auto text-soft text-xs">
        {isShown
          ? t('shown')
          : isUnfinished(state)
            ? null
            : t(isPresent ? 'present' : 'otherDraft')}
      </span>
    </li>
  )
}
