import type { z } from 'zod'
import type { AgentDraft } from '#api/contract/agent-spec.ts'
import type { Answer } from '#api/contract/endpoint.ts'
import type { agent, agentVersion, difference, getAgent, voice } from '#contracts/agents'

export type { AgentDraft }
export type Agent = z.output<typeof agent>
export type AgentDetail = Answer<typeof getAgent>
export type AgentVersion = z.output<typeof agentVersion>
export type Difference = z.output<typeof difference>
export type Voice = z.output<typeof voice>
