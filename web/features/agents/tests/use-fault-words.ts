'use client'
import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { type StepKind, stepKinds } from '#api/contract/agent-test.ts'
import { type Issue, issueText } from '../../../lib/issue-text.ts'
import { disorderOf } from './typed-steps.ts'

type Fault = {
  /** Null where the step is none, or where it is no step at all. */
  kind: StepKind | null
  line?: number | null
  issue: Issue & { message: string; keys?: readonly string[]; values?: readonly unknown[] }
}

/** What is wrong with a step or its file, in the reader's language. */
export function useFaultWords(): (fault: Fault) => string {
  const t = useTranslations('agentTests.faults')
  const issues = useTranslations('forms.issues')
  return useCallback(
    ({ kind, line, issue }) => {
      const words = () => {
        const disorder = disorderOf(issue)
        if (disorder) return t(disorder)
        if (issue.code === 'invalid_union') return t('kind', { kinds: stepKinds.join(', ') })
        if (issue.keys) return t('unknown', { names: issue.keys.join(', ') })
        if (issue.values) return t('value', { values: issue.values.map(String).join(', ') })
        const isForm = issue.code === 'invalid_format' && issue.input !== ''
        return isForm && kind ? t(formOf(kind)) : (issueText(issue, issues) ?? issue.message)
      }
      return line ? t('line', { number: line, fault: words() }) : words()
    },
    [t, issues],
  )
}

function formOf(kind: StepKind): 'keys' | 'tool' | 'words' {
  if (kind === 'presses') return 'keys'
  return kind === 'toolCalled' ? 'tool' : 'words'
}
