'use client'
import { useTranslations } from 'use-intl'
import { type AgentTestFile, stepKindOf } from '#api/contract/agent-test.ts'
import { Button } from '../../../components/button.tsx'
import { DiffLines } from '../../../components/diff-lines.tsx'
import type { Conflict } from './use-save-test.ts'
import { useStepWords } from './use-step-words.ts'

/** Somebody saved the test in between: theirs beside this person's, who chooses before anything is sent. */
export function TestConflict(props: { conflict: Conflict; onTake(): void; onKeep(): void }) {
  const t = useTranslations('agentTests')
  const inWords = useStepsInWords()
  const { theirs, mine } = props.conflict
  const lines = [
    { name: t('editor.name'), before: theirs.name, after: mine.name },
    { name: t('editor.steps'), before: inWords(theirs), after: inWords(mine) },
  ].filter(({ before, after }) => before !== after)
  return (
    <div role="alert" className="space-y-3 rounded-card border border-line p-3">
      <p className="font-medium">
        {theirs.updatedBy ? t('conflict.titleBy', { name: theirs.updatedBy }) : t('conflict.title')}
      </p>
      {lines.length === 0 ? (
        <p className="text-soft">{t('conflict.same')}</p>
      ) : (
        <DiffLines
          lines={lines}
          sides={{ before: t('conflict.theirs'), after: t('conflict.mine') }}
        />
      )}
      <div className="flex flex-wrap gap-2">
        <Button onClick={props.onTake}>{t('conflict.takeTheirs')}</Button>
        <Button onClick={props.onKeep}>{t('conflict.keepMine')}</Button>
      </div>
      <p className="text-soft text-xs">{t('conflict.keepHint')}</p>
    </div>
  )
}

/** A line for each step, so that those that differ can be told from the rest. */
function useStepsInWords(): (test: Pick<AgentTestFile, 'steps'>) => string {
  const t = useTranslations('agentTests.kinds')
  const wordsFor = useStepWords()
  return ({ steps }) =>
    steps.map((step) => `${t(stepKindOf(step))} ${wordsFor(step).join('; ')}`.trim()).join('\n')
}
