import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { newId } from '../ids.ts'
import { isObject, type Json, merged, readTexts } from '../json.ts'
import { flag, pageOf, pageQuery } from '../paging.ts'
import { badRequest, notFound, parse } from '../problems.ts'
import type { Agent, Tool } from '../store.ts'
import type { World } from '../world.ts'
import { accessInfo } from './agents.ts'

const body = z.looseObject({
  tool_config: z.looseObject({
    type: z.enum(['webhook', 'client', 'system']),
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string(),
  }),
})
const patchBody = z.looseObject({ tool_config: z.looseObject({}) })
const listQuery = z.looseObject({ ...pageQuery, search: z.string().optional() })

type ById = { Params: { toolId: string } }

export function toolRoutes(app: FastifyInstance, world: World): void {
  const { store } = world

  app.post('/v1/convai/tools', async (request) => {
    const { tool_config } = parse(body, request.body, 'body')
    const tool: Tool = { id: newId('tool_'), tool_config }
    store.tools.set(tool.id, tool)
    store.changed()
    return view(tool)
  })

  app.get('/v1/convai/tools', async (request) => {
    const query = parse(listQuery, request.query, 'query')
    const wanted = query.search?.toLowerCase() ?? ''
    const found = [...store.tools.values()].filter(({ tool_config }) =>
      String(tool_config.name).toLowerCase().includes(wanted),
    )
    const page = pageOf(found, (tool) => tool.id, query)
    return {
      tools: page.items.map(view),
      next_cursor: page.next_cursor,
      has_more: page.has_more,
    }
  })

  app.get<ById>('/v1/convai/tools/:toolId', async (request) =>
    view(getTool(world, request.params.toolId)),
  )

  app.patch<ById>('/v1/convai/tools/:toolId', async (request) => {
    const tool = getTool(world, request.params.toolId)
    const change = parse(patchBody, request.body, 'body').tool_config
    tool.tool_config = merged(tool.tool_config, isObject(change) ? change : {})
    store.changed()
    return view(tool)
  })

  app.delete<ById>('/v1/convai/tools/:toolId', async (request, reply) => {
    const { id } = getTool(world, request.params.toolId)
    const isForced = parse(
      z.looseObject({ force: flag.default(false) }),
      request.query,
      'query',
    ).force
    const users = dependents(world, id)
    if (users.length > 0 && !isForced)
      throw badRequest('tool_in_use', 'The tool is attached to an agent.')
    store.tools.delete(id)
    store.changed()
    return reply.type('application/json').send('null')
  })

  app.get<ById>('/v1/convai/tools/:toolId/dependent-agents', async (request) => ({
    agents: dependents(world, getTool(world, request.params.toolId).id).map((agent) => ({
      type: 'available',
      id: agent.agent_id,
      name: agent.name,
      created_at_unix_secs: agent.created_at_unix_secs,
      access_level: 'admin',
    })),
    next_cursor: null,
    has_more: false,
  }))
}

function getTool(world: World, id: string): Tool {
  const tool = world.store.tools.get(id)
  if (!tool) throw notFound('Tool', id)
  return tool
}

function dependents(world: World, toolId: string): Agent[] {
  return [...world.store.agents.values()].filter((agent) =>
    readTexts(agent.conversation_config, 'agent', 'prompt', 'tool_ids').includes(toolId),
  )
}

function view(tool: Tool): Json {
  return {
    id: tool.id,
    tool_config: tool.tool_config,
    access_info: accessInfo,
    usage_stats: { total_calls: 0, avg_latency_secs: 0 },
  }
}
