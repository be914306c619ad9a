'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { listAgentTests, listTestRuns, startTestRuns } from '#contracts/agent-tests'
import { getAgent } from '#contracts/agents'
import { listCalls } from '#contracts/calls'
import { getWallet, getWalletStatus } from '#contracts/wallet'
import type { ApiError } from '../../../lib/api/api-error.ts'
import { endpointKey, useApi, useEndpoint } from '../../../lib/api/use-endpoint.tsx'
import type { AgentDetail } from '../agent-types.ts'
import { type AgentTest, isUnfinished } from './test-types.ts'

export const RUNNING_MS = 2_000 // A run is a call of seconds, and somebody waits for its verdict.
const WATCHING_MS = 20_000 // Somebody else may write or run tests.
const ALL = { limit: 100 } // More than an agent has.

/** All tests of an agent, newest first, as fresh as what happens to them asks for. */
export function useTests(agent: Pick<AgentDetail, 'id' | 'draftRevision'>) {
  const queries = useQueryClient()
  const sent = { params: { agentId: agent.id }, query: ALL }
  const found = useEndpoint(listAgentTests, sent, {
    refetchInterval: (asked) =>
      asked.state.data?.items.some(({ verdict }) => isUnfinished(verdict))
        ? RUNNING_MS
        : WATCHING_MS,
  })
  const { refetch } = found
  const tests = found.data?.items
  const verdicts = tests?.map(({ id, revision, verdict }) => `${id} ${revision} ${verdict}`).join()

  // Verdicts are about the draft: another one has others.
  useOnChange(agent.draftRevision, () => void refetch())
  // How many tests stand in the way of publishing, what was run, and what the calls cost is told by others.
  useOnChange(verdicts, () => {
    for (const declared of [getAgent, listTestRuns, listCalls, getWallet, getWalletStatus])
      void queries.invalidateQueries({ queryKey: endpointKey(declared) })
  })
  return { ...found, tests }
}

/** Runs what follows a change of a value, not its first one. */
function useOnChange<Value>(value: Value | undefined, follow: () => void): void {
  const last = useRef(value)
  const latest = useRef(follow)
  latest.current = follow
  useEffect(() => {
    const isFirst = last.current === undefined
    if (value === undefined || value === last.current) return
    last.current = value
    if (!isFirst) latest.current()
  }, [value])
}

/** Lines up runs of these tests, or of all; the list then shows them wait. */
export function useStartRuns(agentId: string, onStarted?: (count: number) => void) {
  const api = useApi()
  const refresh = useRefreshTests()
  return useMutation<number, ApiError, readonly string[] | undefined>({
    mutationFn: async (testIds) => {
      const body = testIds ? { testIds: [...testIds] } : {}
      const { items } = await api(
        startTestRuns,
        { params: { agentId }, body },
        { idempotencyKey: crypto.randomUUID() },
      )
      return items.length
    },
    onSuccess: async (count) => {
      await refresh()
      onStarted?.(count)
    },
  })
}

/** Has everything asked again that tells of tests and their runs. */
export function useRefreshTests(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    void queries.invalidateQueries({ queryKey: endpointKey(getAgent) })
    void queries.invalidateQueries({ queryKey: endpointKey(listTestRuns) })
    await queries.invalidateQueries({ queryKey: endpointKey(listAgentTests) })
  }
}

/** Those of the tests that keep the draft from being published where its gate is closed. */
export const unpassedOf = (tests: readonly AgentTest[]): AgentTest[] =>
  tests.filter(({ verdict }) => verdict !== 'passed')
