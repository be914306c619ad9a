'use client'
import { useTranslations } from 'use-intl'
import { DiffLines } from '../../components/diff-lines.tsx'
import type { Difference } from './agent-types.ts'
import type { TypedDraft } from './merge.ts'
import { usePlaceWords } from './use-place-words.ts'

const nothing: TypedDraft = {}

/** Where two states of an agent differ, the old side above the new. */
export function DifferenceList(props: {
  differences: readonly Difference[]
  /** What the two sides are called, where they are not before and after. */
  sides?: { before: string; after: string }
  /** Names the entries of its lists. */
  draft?: TypedDraft
}) {
  const t = useTranslations('agents.detail')
  const wordsFor = usePlaceWords(props.draft ?? nothing)
  if (props.differences.length === 0) return <p className="text-soft">{t('noDifference')}</p>
  return (
    <DiffLines
      lines={props.differences.map(({ path, before, after }) => ({
        name: wordsFor(path),
        before,
        after,
      }))}
      {...(props.sides && { sides: props.sides })}
    />
  )
}
