import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { defaultConversationConfig, defaultPlatformSettings } from '../agent-defaults.ts'
import { newId, unixSeconds } from '../ids.ts'
import { isObject, type Json, merged, read, readText } from '../json.ts'
import { flag, pageOf, pageQuery, repeated } from '../paging.ts'
import { notFound, parse } from '../problems.ts'
import type { Agent } from '../store.ts'
import type { World } from '../world.ts'
import { createAgentBody, refuseNonsense, updateAgentBody } from './agent-body.ts'
import { phoneNumberView } from './phone-numbers.ts'

export const accessInfo = {
  is_creator: true,
  creator_name: 'Sandbox',
  creator_email: 'sandbox@example.test',
  role: 'admin',
}

const listQuery = z.looseObject({
  ...pageQuery,
  search: z.string().optional(),
  archived: flag.default(false),
  tags: repeated.optional(),
  sort_by: z.enum(['name', 'created_at', 'call_count_7d']).default('created_at'),
  sort_direction: z.enum(['asc', 'desc']).default('desc'),
})

const emptyWorkflow = { edges: {}, nodes: {}, prevent_subagent_loops: false }

type ById = { Params: { agentId: string } }

export function agentRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.post('/v1/convai/agents/create', async (request) => {
    const body = parse(createAgentBody, request.body, 'body')
    return { agent_id: createAgent(world, body).agent_id }
  })

  app.get('/v1/convai/agents', async (request) => {
    const query = parse(listQuery, request.query, 'query')
    const page = pageOf(selectAgents(world, query), (agent) => agent.agent_id, query)
    return {
      agents: page.items.map((agent) => summaryOf(world, agent)),
      next_cursor: page.next_cursor,
      has_more: page.has_more,
    }
  })

  app.get<ById>('/v1/convai/agents/:agentId', async (request) =>
    agentView(world, getAgent(world, request.params.agentId)),
  )

  app.patch<ById>('/v1/convai/agents/:agentId', async (request) => {
    const agent = getAgent(world, request.params.agentId)
    const body = parse(updateAgentBody, request.body ?? {}, 'body')
    const config = merged(agent.conversation_config, objectOr(body.conversation_config))
    refuseNonsense(config, store)
    agent.conversation_config = config
    agent.platform_settings = merged(agent.platform_settings, objectOr(body.platform_settings))
    if (isObject(body.workflow)) agent.workflow = { ...emptyWorkflow, ...body.workflow }
    if (typeof body.name === 'string') agent.name = body.name
    if (body.tags) agent.tags = body.tags
    agent.updated_at_unix_secs = unixSeconds()
    agent.version_id = newId('agtvrsn_')
    store.changed()
    return agentView(world, agent)
  })

  app.delete<ById>('/v1/convai/agents/:agentId', async (request, reply) => {
    const { agent_id } = getAgent(world, request.params.agentId)
    store.agents.delete(agent_id)
    for (const number of store.phoneNumbers.values())
      if (number.agent_id === agent_id) number.agent_id = null
    store.changed()
    return reply.code(200).send()
  })

  app.post<ById>('/v1/convai/agents/:agentId/duplicate', async (request) => {
    const from = getAgent(world, request.params.agentId)
    const name = readText(request.body, 'name') || `${from.name} (copy)`
    const copy = createAgent(world, { ...structuredClone(from), name })
    return { agent_id: copy.agent_id }
  })

  app.get<ById>('/v1/convai/agents/:agentId/link', async (request) => ({
    agent_id: getAgent(world, request.params.agentId).agent_id,
    token: null,
  }))

  app.get('/v1/convai/agents/summaries', async (request) => {
    const query = parse(z.looseObject({ agent_ids: repeated }), request.query, 'query')
    const entries = query.agent_ids.map((id) => {
      const agent = store.agents.get(id)
      return [id, agent ? { status: 'success', agent_summary: summaryOf(world, agent) } : missing]
    })
    return Object.fromEntries(entries)
  })
}

export function getAgent(world: World, agentId: string): Agent {
  const agent = world.store.agents.get(agentId)
  if (!agent) throw notFound('Agent', agentId)
  return agent
}

const missing = {
  status: 'failure',
  error_code: 404,
  error_status: 'not_found',
  error_message: 'Agent not found',
}

function createAgent(world: World, body: Json): Agent {
  const config = merged(defaultConversationConfig, objectOr(body.conversation_config))
  refuseNonsense(config, world.store)
  const now = unixSeconds()
  const agent: Agent = {
    agent_id: newId('agent_'),
    name: readText(body, 'name') || 'New agent',
    tags: Array.isArray(body.tags) ? body.tags : [],
    conversation_config: config,
    platform_settings: merged(defaultPlatformSettings, objectOr(body.platform_settings)),
    workflow: isObject(body.workflow)
      ? { ...emptyWorkflow, ...body.workflow }
      : { ...emptyWorkflow },
    created_at_unix_secs: now,
    updated_at_unix_secs: now,
    version_id: newId('agtvrsn_'),
  }
  world.store.agents.set(agent.agent_id, agent)
  world.store.changed()
  return agent
}

function agentView(world: World, agent: Agent): Json {
  const branch = `agtbrch_${agent.agent_id.slice('agent_'.length)}`
  return {
    agent_id: agent.agent_id,
    name: agent.name,
    conversation_config: agent.conversation_config,
    metadata: {
      created_at_unix_secs: agent.created_at_unix_secs,
      updated_at_unix_secs: agent.updated_at_unix_secs,
    },
    platform_settings: agent.platform_settings,
    phone_numbers: [...world.store.phoneNumbers.values()]
      .filter((number) => number.agent_id === agent.agent_id)
      .map((number) => phoneNumberView(world, number)),
    whatsapp_accounts: [],
    workflow: agent.workflow,
    access_info: accessInfo,
    tags: agent.tags,
    version_id: agent.version_id,
    branch_id: branch,
    main_branch_id: branch,
    procedures: {},
  }
}

function summaryOf(world: World, agent: Agent): Json {
  return {
    agent_id: agent.agent_id,
    name: agent.name,
    voice_id: readText(agent.conversation_config, 'tts', 'voice_id'),
    tags: agent.tags,
    created_at_unix_secs: agent.created_at_unix_secs,
    access_info: accessInfo,
    last_call_time_unix_secs: lastCallAt(world, agent),
    archived: isArchived(agent),
  }
}

function selectAgents(world: World, query: z.output<typeof listQuery>): Agent[] {
  const wanted = query.search?.toLowerCase() ?? ''
  const found = [...world.store.agents.values()].filter(
    (agent) =>
      agent.name.toLowerCase().includes(wanted) &&
      isArchived(agent) === query.archived &&
      (!query.tags || query.tags.some((tag) => agent.tags.includes(tag))),
  )
  if (query.sort_by === 'name') found.sort((a, b) => a.name.localeCompare(b.name, 'en'))
  return query.sort_direction === 'desc' ? found.reverse() : found
}

function isArchived(agent: Agent): boolean {
  return read(agent.platform_settings, 'archived') === true
}

function lastCallAt(world: World, agent: Agent): number | null {
  let last: number | null = null
  for (const call of world.store.conversations.values())
    if (call.agent_id === agent.agent_id) last = unixSeconds(call.startedAtMs)
  return last
}

function objectOr(value: unknown): Json {
  return isObject(value) ? value : {}
}
