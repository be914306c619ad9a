import { z } from 'zod'
import type { ElevenLabsClient } from '#api/core/vendors.ts'
import { agentBody, agentReply, heldAgent, leftovers } from './elevenlabs-agent.ts'
import { get } from './elevenlabs-api.ts'
import type { JsonApi } from './json-api.ts'

type Agents = Pick<
  ElevenLabsClient,
  'createAgent' | 'updateAgent' | 'findAgent' | 'findAgentByTag' | 'readAgent' | 'deleteAgent'
>

export const elevenLabsAgents = (api: JsonApi): Agents => ({
  async createAgent(agent) {
    const created = await api.call(
      {
        operation: 'create-agent',
        method: 'POST',
        path: '/v1/convai/agents/create',
        body: agentBody(agent),
        repeatable: false,
      },
      agentId,
    )
    return created.agent_id
  },

  async updateAgent(id, agent) {
    const change = (body: object) =>
      api.call(
        { operation: 'update-agent', method: 'PATCH', path: pathOf(id), body, repeatable: true },
        agentReply,
      )
    const held = heldAgent(await change(agentBody(agent)))
    const left = leftovers(held, agent)
    if (left) await change(left)
  },

  async findAgent(id) {
    const found = await api.find(get('find-agent', pathOf(id)), agentId)
    return found && { id: found.agent_id }
  },

  async findAgentByTag(tag) {
    const page = await api.call(
      get('find-agent-by-tag', '/v1/convai/agents', { tags: tag, page_size: 1 }),
      z.object({ agents: z.array(agentId) }),
    )
    const [found] = page.agents
    return found ? { id: found.agent_id } : null
  },

  async readAgent(id) {
    const found = await api.find(get('read-agent', pathOf(id)), agentReply)
    return found && heldAgent(found)
  },

  async deleteAgent(id) {
    const change = { method: 'DELETE', path: pathOf(id), repeatable: true } as const
    await api.find({ operation: 'delete-agent', ...change }, z.unknown())
  },
})

const pathOf = (id: string) => `/v1/convai/agents/${encodeURIComponent(id)}`
const agentId = z.object({ agent_id: z.string() })
