import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { getAgent, listAgents } from './service.ts'

export async function agentRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listAgents, (ctx, { query }) => listAgents(ctx, query))
  serve(app, api.getAgent, (ctx, { params }) => getAgent(ctx, params.agentId))
}
