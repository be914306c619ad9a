'use client'
import { useTranslations } from 'use-intl'
import { ErrorBox } from '../../../components/error-box.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { useCallRefusal } from '../../../lib/use-call-refusal.ts'
import type { AgentDetail } from '../agent-types.ts'
import { isUnfinished } from './test-types.ts'
import { unpassedOf, useStartRuns, useTests } from './use-tests.ts'
import { BrokenReason, Verdict } from './verdict.tsx'

/** Where an agent is published only when its tests pass: those that have not, and a button that runs them. */
export function TestsInTheWay({ agent }: { agent: AgentDetail }) {
  const t = useTranslations('agentTests')
  const found = useTests(agent)
  const refusal = useCallRefusal('test')
  const start = useStartRuns(agent.id)
  if (found.error) {
    return (
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
      />
    )
  }
  if (agent.unpassedTestCount === 0) {
    return agent.testCount === 0 ? null : <p className="text-soft">{t('gate.none')}</p>
  }
  const unpassed = unpassedOf(found.tests ?? [])
  const toRun = unpassed.filter(({ verdict }) => !isUnfinished(verdict))
  return (
    <section
      aria-label={t('gate.waiting', { count: agent.unpassedTestCount })}
      className="space-y-2 rounded-card border border-line p-3"
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div role="status" className="min-w-0 grow basis-56">
          <p className="font-medium">{t('gate.waiting', { count: agent.unpassedTestCount })}</p>
          <p className="text-soft text-xs">{t('gate.waitingHint')}</p>
        </div>
        {toRun.length > 0 && (
          <GuardedButton
            refusal={refusal}
            disabled={start.isPending}
            onClick={() => start.mutate(toRun.map(({ id }) => id))}
          >
            {t('gate.runThem', { count: toRun.length })}
          </GuardedButton>
        )}
      </div>
      {start.error && <ErrorBox title={t('startFailed')} error={start.error} />}
      <ul className="divide-y divide-line">
        {unpassed.map(({ id, name, verdict, lastRun }) => (
          <li key={id} className="flex flex-wrap items-start gap-x-3 gap-y-0.5 py-1.5">
            <span className="min-w-0 grow basis-40 break-words">{name}</span>
            <Verdict verdict={verdict} />
            {verdict === 'broken' && lastRun && (
              <span className="basis-full text-soft text-xs">
                <BrokenReason run={lastRun} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
