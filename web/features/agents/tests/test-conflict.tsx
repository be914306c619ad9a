'use client'
import { useTranslations } from 'use-intl'
import { Button } from '../../../components/button.tsx'
import { DiffLines } from '../../../components/diff-lines.tsx'
import { differences } from '../../../components/diff-view.tsx'
import type { AgentTest } from './test-types.ts'
import type { WrittenStep } from './typed-steps.ts'

/** Somebody saved the test in between: theirs beside this person's, who chooses before anything is sent. */
export function TestConflict(props: {
  theirs: AgentTest
  mine: { name: string; steps: readonly WrittenStep[] }
  onTake(): void
  onKeep(): void
}) {
  const t = useTranslations('agentTests.conflict')
  const { theirs, mine } = props
  const lines = differences(readable(theirs), readable(mine))
  return (
    <div role="alert" className="space-y-3 rounded-card border border-line p-3">
      <p className="font-medium">
        {theirs.updatedBy ? t('titleBy', { name: theirs.updatedBy }) : t('title')}
      </p>
      {lines.length === 0 ? (
        <p className="text-soft">{t('same')}</p>
      ) : (
        <DiffLines lines={lines} sides={{ before: t('theirs'), after: t('mine') }} />
      )}
      <div className="flex flex-wrap gap-2">
        <Button onClick={props.onTake}>{t('takeTheirs')}</Button>
        <Button onClick={props.onKeep}>{t('keepMine')}</Button>
      </div>
      <p className="text-soft text-xs">{t('keepHint')}</p>
    </div>
  )
}

/** Steps a line each, as the file has them, so that lines can be told apart. */
const readable = ({ name, steps }: { name: string; steps: readonly object[] }) => ({
  name,
  steps: steps.map((step) => JSON.stringify(step)).join('\n'),
})
