'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { toast } from '../../../components/toast.tsx'
import { useCallRefusal } from '../../../lib/use-call-refusal.ts'
import { useWriteRefusal } from '../../../lib/use-write-refusal.ts'
import { useEditor } from '../editor-context.tsx'
import { useStartRuns } from './use-tests.ts'

/** Runs tests on the draft as it is saved; where it is not, a person says first that it shall be. */
export function useRunner(agentId: string) {
  const t = useTranslations('agentTests')
  const { agent, isDirty, saveDraft } = useEditor()
  const paused = useWriteRefusal()
  const unpaid = useCallRefusal('test')
  const [asked, setAsked] = useState<{ testIds: readonly string[] | undefined } | null>(null)
  const start = useStartRuns(agentId, (count) => toast(t('started', { count })))
  const incomplete = !isDirty && agent.draftProblems.length > 0 ? t('incomplete') : null
  return {
    /** Why nothing can be run now. */
    refusal: paused ?? unpaid ?? incomplete,
    isStarting: start.isPending,
    failure: start.error,
    run(testIds?: readonly string[]) {
      if (isDirty) setAsked({ testIds })
      else start.mutate(testIds)
    },
    isAsking: asked !== null,
    forget: () => setAsked(null),
    /** Saves, then runs what was asked for; false where the draft could not be saved. */
    async saveAndRun(): Promise<boolean> {
      const isSaved = await saveDraft()
      setAsked(null)
      if (isSaved && asked) start.mutate(asked.testIds)
      return isSaved
    },
  }
}

export type Runner = ReturnType<typeof useRunner>
