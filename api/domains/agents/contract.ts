import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

export const syncStates = ['pending', 'in_sync', 'failed'] as const

export const agent = z.object({
  id: z.uuid(),
  name: z.string(),
  prompt: z.string(),
  firstMessage: z.string(),
  language: z.string(),
  voiceId: z.string(),
  maxDurationSeconds: z.int(),
  /** Whether ElevenLabs holds the agent as it stands here. */
  syncState: z.enum(syncStates),
  elevenLabsAgentId: z.string().nullable(),
  createdAt: instant,
})

export const listAgents = endpoint({
  method: 'GET',
  path: '/v1/agents',
  permission: 'agents.read',
  summary: "The organization's agents, newest first",
  query: pageQuery,
  response: pageOf(agent),
})

export const getAgent = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId',
  permission: 'agents.read',
  summary: 'One agent',
  params: z.strictObject({ agentId: z.uuid() }),
  response: agent,
  resources: { agentId: 'agent' },
})
