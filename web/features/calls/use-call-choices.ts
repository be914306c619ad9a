'use client'
import { listAgents } from '#contracts/agents'
import { listPhoneNumbers } from '#contracts/phone-numbers'
import type { ApiError } from '../../lib/api/api-error.ts'
import { useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { formatPhone } from '../../lib/format/phone.ts'

const MOST = 100 // The API's largest page; an organization's agents and numbers stay far below it.

type Choice = { value: string; label: string }
export type Choices = { agents: Choice[]; numbers: Choice[] }

/** The agents that can be sent out and the numbers they can call from. */
export function useCallChoices():
  | { state: 'loading' }
  | { state: 'failed'; error: ApiError; retry(): void }
  | { state: 'missing'; what: 'agent' | 'number' }
  | ({ state: 'ready' } & Choices) {
  const agents = useEndpoint(listAgents, { query: { limit: MOST } })
  const numbers = useEndpoint(listPhoneNumbers, { query: { limit: MOST, state: 'active' } })
  for (const { error, refetch } of [agents, numbers]) {
    if (error) return { state: 'failed', error, retry: () => void refetch() }
  }
  if (!agents.data || !numbers.data) return { state: 'loading' }
  const ready = agents.data.items.filter(({ elevenLabsAgentId }) => elevenLabsAgentId !== null)
  if (ready.length === 0) return { state: 'missing', what: 'agent' }
  if (numbers.data.items.length === 0) return { state: 'missing', what: 'number' }
  return {
    state: 'ready',
    agents: ready.map(({ id, name }) => ({ value: id, label: name })),
    numbers: numbers.data.items.map(({ id, e164, label }) => ({
      value: id,
      label: label ? `${formatPhone(e164)} · ${label}` : formatPhone(e164),
    })),
  }
}
