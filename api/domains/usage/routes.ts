import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { getPlatformMetrics, getUsage } from './service.ts'

export async function usageRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getUsage, (ctx, { query }) => getUsage(ctx, query))
  serve(app, api.getPlatformMetrics, (ctx, { query }) => getPlatformMetrics(ctx, query))
}
