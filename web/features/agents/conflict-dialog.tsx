'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { differences } from '../../components/diff-view.tsx'
import { FormDialog } from '../../components/form-dialog.tsx'
import { RadioCards } from '../../components/radio-cards.tsx'
import { toast } from '../../components/toast.tsx'
import type { AgentDetail } from './agent-types.ts'
import { DifferenceList } from './difference-list.tsx'
import { mergeDrafts } from './merge.ts'
import type { Draft } from './use-draft.ts'

type Choice = 'both' | 'mine' | 'theirs'

/** Somebody saved the draft in between: shows theirs beside this person's, who chooses. Nothing is sent before. */
export function ConflictDialog(props: { agent: AgentDetail; draft: Draft; onClose(): void }) {
  const t = useTranslations('agents.conflict')
  const { agent, draft, onClose } = props
  const theirs = agent.draft
  const mine = draft.typed()
  const both = mergeDrafts(draft.base.spec, theirs, mine)
  const [choice, setChoice] = useState<Choice | null>(both ? 'both' : null)
  const choose = () => {
    const next = { revision: agent.draftRevision, spec: theirs }
    if (choice === 'theirs') draft.moveTo(next)
    if (choice === 'mine') draft.moveTo(next, mine)
    if (choice === 'both' && both) draft.moveTo(next, both)
    if (choice !== null) toast(t(`chosen.${choice}`))
    onClose()
  }
  const options: Choice[] = both ? ['both', 'mine', 'theirs'] : ['mine', 'theirs']
  return (
    <FormDialog
      title={agent.draftSavedBy ? t('titleBy', { name: agent.draftSavedBy }) : t('title')}
      hint={t('hint')}
      action={t('action')}
      isSending={false}
      isBlocked={choice === null}
      failure={null}
      onSubmit={(event) => {
        event.preventDefault()
        choose()
      }}
      onClose={onClose}
      isWide
    >
      <DifferenceList
        differences={differences(theirs, mine).map(({ name, before, after }) => ({
          path: name,
          before,
          after,
        }))}
        sides={{ before: t('sides.theirs'), after: t('sides.mine') }}
        draft={mine}
      />
      <RadioCards
        label={t('choose')}
        value={choice}
        onChange={(value) => setChoice(value)}
        options={options.map((value) => ({
          value,
          label: t(`options.${value}`),
          hint: t(`hints.${value}`),
        }))}
      />
    </FormDialog>
  )
}
