'use client'
import { SearchX } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { searchKnowledge } from '#contracts/knowledge'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { GuardedButton } from '../../components/guarded-button.tsx'
import { Input } from '../../components/input.tsx'
import { Bone, Skeleton } from '../../components/skeleton.tsx'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useWriteRefusal } from '../../lib/use-write-refusal.ts'
import { PassageList } from './passage-list.tsx'

const MAX_CHARACTERS = 1_000 // The API's bound on a question.
const PASSAGES = 8
const bones = ['first', 'second', 'third']

/** A question, and the passages it would bring up in a call. */
export function AskBox() {
  const t = useTranslations('knowledge.ask')
  const inputId = useId()
  // A question is a POST, which a paused organization is not allowed.
  const refusal = useWriteRefusal()
  const [asked, setAsked] = useQueryState('ask', parseAsString)
  const [typed, setTyped] = useState(asked ?? '')
  // Back and Forward change the question from outside.
  useEffect(() => setTyped(asked ?? ''), [asked])
  const question = asked?.trim().slice(0, MAX_CHARACTERS) ?? ''
  const isAsked = question !== '' && refusal === null
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (!refusal && typed.trim()) void setAsked(typed.trim(), { history: 'push' })
  }
  const clear = () => {
    setTyped('')
    void setAsked(null, { history: 'push' })
    document.getElementById(inputId)?.focus()
  }
  return (
    <section aria-label={t('title')} className="rounded-card border border-line bg-panel p-4">
      <form onSubmit={ask} className="flex flex-wrap gap-2">
        <label htmlFor={inputId} className="w-full font-medium">
          {t('title')}
        </label>
        <Input
          id={inputId}
          value={typed}
          maxLength={MAX_CHARACTERS}
          autoComplete="off"
          placeholder={t('example')}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby={`${inputId}-hint`}
          className="min-w-0 grow basis-48"
        />
        <GuardedButton type="submit" refusal={refusal} disabled={typed.trim() === ''}>
          {t('action')}
        </GuardedButton>
        {isAsked && (
          <Button kind="quiet" onClick={clear}>
            {t('clear')}
          </Button>
        )}
      </form>
      <p id={`${inputId}-hint`} className="mt-1 text-soft text-xs">
        {t('hint')}
      </p>
      {isAsked && <Found question={question} />}
    </section>
  )
}

function Found({ question }: { question: string }) {
  const t = useTranslations('knowledge.ask')
  const found = useEndpoint(searchKnowledge, { body: { query: question, limit: PASSAGES } })
  if (found.isPending) {
    return (
      <Skeleton label={t('loading')} className="mt-4 space-y-4">
        {bones.map((key) => (
          <span key={key} className="block space-y-2">
            <Bone className="w-48" />
            <Bone className="w-full" />
            <Bone className="w-2/3" />
          </span>
        ))}
      </Skeleton>
    )
  }
  if (found.error) {
    return (
      <ErrorBox
        title={t('failed')}
        error={found.error}
        onRetry={() => void found.refetch()}
        isRetrying={found.isFetching}
        className="mt-4"
      />
    )
  }
  const { items } = found.data
  return (
    <>
      <p role="status" className="sr-only">
        {t('found', { count: items.length })}
      </p>
      {items.length === 0 ? (
        <Empty icon={SearchX} title={t('empty')} hint={t('emptyHint')} className="py-8" />
      ) : (
        <PassageList passages={items} />
      )}
    </>
  )
}
