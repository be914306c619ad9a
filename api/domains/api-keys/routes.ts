import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { createApiKey, listApiKeys, revokeApiKey } from './service.ts'

export async function apiKeyRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listApiKeys, (ctx, { query }) => listApiKeys(ctx, query))
  serve(app, api.createApiKey, (ctx, { body }) => createApiKey(ctx, body))
  serve(app, api.revokeApiKey, (ctx, { params }) => revokeApiKey(ctx, params.apiKeyId))
}
