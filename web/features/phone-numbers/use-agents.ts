'use client'
import { listAgents } from '#contracts/agents'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import type { PhoneNumber } from './phone-number.ts'

const MOST = 100 // The API's largest page; an organization's agents stay far below it.

/** The agents that can answer a number, and the one that does, should it not be among them. */
export function useAgents(current?: Pick<PhoneNumber, 'agentId' | 'agentName'>) {
  const agents = useEndpoint(listAgents, { query: { limit: MOST } })
  const choices = (agents.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))
  const isListed = choices.some(({ value }) => value === current?.agentId)
  if (current?.agentId && current.agentName && !isListed) {
    choices.unshift({ value: current.agentId, label: current.agentName })
  }
  return { choices, error: agents.error, isPending: agents.isPending, refetch: agents.refetch }
}
