'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { checkDrift, getAgent, listAgents, pushAgain } from '#contracts/agents'
import { useErrorText } from '../../components/error-box.tsx'
import { toast } from '../../components/toast.tsx'
import type { ApiError } from '../../lib/api/api-error.ts'
import { endpointKey, useEndpointCall } from '../../lib/api/use-endpoint.tsx'
import type { AgentDetail } from './agent-types.ts'

/** Puts what the API answered about an agent on the screen, and has its lists asked again. */
export function useShowAgent(): (agent: AgentDetail) => void {
  const queries = useQueryClient()
  const show = async (agent: AgentDetail) => {
    const queryKey = endpointKey(getAgent, { params: { agentId: agent.id } })
    // An answer that was on its way would show the agent from before.
    await queries.cancelQueries({ queryKey })
    queries.setQueryData(queryKey, agent)
    await queries.invalidateQueries({ queryKey: endpointKey(listAgents) })
  }
  return (agent) => void show(agent)
}

/** What is done with ElevenLabs' copy at a click; a refusal is told as a toast, since the menu is gone by then. */
export function useAgentCalls(agent: AgentDetail) {
  const t = useTranslations('agents.header')
  const explain = useErrorText()
  const show = useShowAgent()
  const sent = { params: { agentId: agent.id } }
  const told = (text: string) => (answer: AgentDetail) => {
    show(answer)
    toast(text)
  }
  const check = useEndpointCall(checkDrift, {
    onSuccess: (answer) =>
      told(t(answer.syncState === 'drifted' ? 'checkedDrifted' : 'checked'))(answer),
  })
  const push = useEndpointCall(pushAgain, { onSuccess: told(t('pushing')) })
  const onError = (error: ApiError) => toast(explain(error))
  return {
    check: { run: () => check.mutate(sent, { onError }), isSending: check.isPending },
    push: { run: () => push.mutate(sent, { onError }), isSending: push.isPending },
  }
}
