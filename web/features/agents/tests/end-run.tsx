'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { endTestRun, getTestRun } from '#contracts/agent-tests'
import { ErrorBox } from '../../../components/error-box.tsx'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { toast } from '../../../components/toast.tsx'
import { endpointKey, useEndpointCall } from '../../../lib/api/use-endpoint.tsx'
import { useMay } from '../../../lib/session.tsx'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { isUnfinished, type TestRun } from './test-types.ts'
import { useRefreshTests } from './use-tests.ts'

/** Ends a run that waits or talks. It can be run again, so nothing is asked. */
export function EndRun({ run }: { run: TestRun }) {
  const t = useTranslations('agentTests.result')
  const mayWrite = useMay('agents.write')
  const refusal = useWriteRefusal()
  const queries = useQueryClient()
  const refresh = useRefreshTests()
  const { id: runId, agentId, testName: name, state } = run
  const ending = useEndpointCall(endTestRun, {
    onSuccess: (answer) => {
      // One that talks is over when its runner has written down what it saw.
      if (!isUnfinished(answer.state)) toast(t('ended', { name }))
      void queries.invalidateQueries({ queryKey: endpointKey(getTestRun) })
      void refresh()
    },
  })
  if (!mayWrite || !isUnfinished(state)) return null
  return (
    <>
      <GuardedButton
        size="small"
        refusal={refusal}
        disabled={ending.isPending}
        onClick={() => ending.mutate({ params: { agentId, runId } })}
      >
        {t('end')}
      </GuardedButton>
      {ending.error && (
        <ErrorBox title={t('endFailed')} error={ending.error} className="basis-full" />
      )}
    </>
  )
}
