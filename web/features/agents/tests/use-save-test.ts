'use client'
import { useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { type AgentTestFile, agentTestFile } from '#api/contract/agent-test.ts'
import { createAgentTest, getAgentTest, replaceAgentTest } from '#contracts/agent-tests'
import { ApiError } from '../../../lib/api/api-error.ts'
import { useApi } from '../../../lib/api/use-endpoint.tsx'
import { useIdempotency } from '../../../lib/use-idempotency.ts'
import type { AgentTest } from './test-types.ts'
import type { WrittenStep } from './typed-steps.ts'
import { useRefreshTests } from './use-tests.ts'

type Written = { name: string; steps: WrittenStep[] }
export type Conflict = { theirs: AgentTest; mine: AgentTestFile }

/**
 * Saves a test on the revision it is based on. Where somebody saved another one in between there is a `conflict`, until a
 * person has chosen what goes on; where it was deleted, the next save makes it anew.
 */
export function useSaveTest(agentId: string, test: AgentTest | undefined) {
  const t = useTranslations('agentTests.editor')
  const api = useApi()
  const refresh = useRefreshTests()
  const keyOf = useIdempotency()
  const base = useRef(test ?? null)
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const [isGone, setGone] = useState(false)

  /** Null where a person has to look at something first. */
  const save = async (body: Written): Promise<AgentTest | null> => {
    try {
      const saved = await send(body)
      await refresh()
      return saved
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.code === 'agent-tests.changed_elsewhere' || isMissing(error))
        return lookAgain(error, body)
      throw atItsField(error, t('nameTaken'))
    }
  }

  const send = (body: Written): Promise<AgentTest> => {
    const { current } = base
    if (!current) {
      const sent = { params: { agentId }, body }
      return api(createAgentTest, sent, { idempotencyKey: keyOf(body) })
    }
    const params = { agentId, testId: current.id }
    return api(replaceAgentTest, { params, body: { ...body, expectedRevision: current.revision } })
  }

  const lookAgain = async (refusal: ApiError, body: Written): Promise<null> => {
    const { current } = base
    if (!current) throw refusal
    try {
      const params = { agentId, testId: current.id }
      setConflict({ theirs: await api(getAgentTest, { params }), mine: agentTestFile.parse(body) })
    } catch (error) {
      if (!isMissing(error)) throw error
      base.current = null
      setGone(true)
    }
    await refresh()
    return null
  }

  return {
    save,
    conflict,
    isGone,
    /** The next save replaces this. */
    goOnFrom(next: AgentTest) {
      base.current = next
      setConflict(null)
    },
  }
}

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404

/** What the API has against a step lands on its row, whatever part of it is meant. */
function atItsField(error: ApiError, nameTaken: string): ApiError {
  const fields =
    error.code === 'agent-tests.name_taken'
      ? [{ path: 'body.name', message: nameTaken }]
      : error.fields.map(({ path, message }) => ({
          path: /^(?:body\.)?steps\.\d+/.exec(path)?.[0] ?? path,
          message,
        }))
  return new ApiError({
    code: error.code,
    status: error.status,
    detail: error.message,
    requestId: error.requestId,
    fields,
    cause: error,
  })
}
