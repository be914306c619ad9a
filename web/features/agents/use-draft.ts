'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { getAgent, saveDraft } from '#contracts/agents'
import { toast } from '../../components/toast.tsx'
import { ApiError } from '../../lib/api/api-error.ts'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { useApiForm } from '../../lib/use-api-form.ts'
import type { AgentDetail, AgentDraft } from './agent-types.ts'
import { editorSchema } from './editor-context.tsx'
import { changedParts, type TypedDraft } from './merge.ts'

type Base = { revision: number; spec: AgentDraft }

const baseOf = (agent: AgentDetail): Base => ({
  revision: agent.draftRevision,
  spec: agent.draft,
})

/**
 * The draft in the form, based on a revision of the API's. Where that moves on, the form follows; with changes in it, it keeps
 * them and `isBehind` says that somebody has to choose.
 */
export function useDraft(agent: AgentDetail) {
  const t = useTranslations('agents.detail')
  const api = useApi()
  const queries = useQueryClient()
  const [base, setBase] = useState(() => baseOf(agent))
  // What is sent names the newest base, also right after it was changed.
  const current = useRef(base)
  const [isRefused, setRefused] = useState(false)
  const saves = useRef(0)
  const agentKey = endpointKey(getAgent, { params: { agentId: agent.id } })

  const { form, submit, failure, messageOf, isSending } = useApiForm(editorSchema, {
    values: { spec: base.spec },
    mode: 'onSubmit',
    async send({ spec }) {
      try {
        const params = { agentId: agent.id }
        const body = { expectedRevision: current.current.revision, spec }
        const saved = await api(saveDraft, { params, body })
        saves.current += 1
        // An answer that was on its way would show the draft from before.
        await queries.cancelQueries({ queryKey: agentKey })
        queries.setQueryData(agentKey, saved)
        moveTo(baseOf(saved), isSame(typed(), spec) ? undefined : typed())
        toast(t('saved'))
      } catch (error) {
        if (!isOvertaken(error)) throw error
        setRefused(true)
        await queries.invalidateQueries({ queryKey: agentKey })
      }
    },
  })
  const { reset, getValues, formState } = form
  const typed = useCallback((): TypedDraft => getValues().spec, [getValues])

  /** Makes another revision the base; `kept` are values to go on with instead of its own. */
  const moveTo = useCallback(
    (next: Base, kept?: TypedDraft) => {
      current.current = next
      setBase(next)
      setRefused(false)
      reset({ spec: next.spec }, { keepValues: isSame(getValues().spec, next.spec) })
      if (kept) reset({ spec: kept }, { keepDefaultValues: true })
    },
    [reset, getValues],
  )

  /** Sends the draft; false where it was not saved, and the form says why. */
  const save = async (): Promise<boolean> => {
    const before = saves.current
    await submit()
    return saves.current > before
  }

  const { isDirty } = formState
  const isNewer = agent.draftRevision > base.revision
  useEffect(() => {
    if (isNewer && !isDirty && !isSending) moveTo(baseOf(agent))
  }, [isNewer, isDirty, isSending, agent, moveTo])

  return {
    form,
    save,
    failure,
    messageOf,
    isSending,
    isDirty,
    base,
    typed,
    moveTo,
    isBehind: isDirty && isNewer,
    /** A save was refused because of it. */
    isRefused: isRefused && isNewer,
    forgetRefusal: () => setRefused(false),
  }
}

export type Draft = ReturnType<typeof useDraft>

const isSame = (one: TypedDraft, other: TypedDraft): boolean =>
  changedParts(one, other).length === 0

const isOvertaken = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'agents.changed_elsewhere'
