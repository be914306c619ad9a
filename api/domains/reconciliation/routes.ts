import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { startRun } from './jobs.ts'
import { correctCall, listFindings } from './service.ts'

export async function reconciliationRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listFindings, (ctx, { query }) => listFindings(ctx, query))
  serve(app, api.startRun, (ctx, { body }) => startRun(ctx, body.days))
  serve(app, api.correctCall, (ctx, { params, body }) => correctCall(ctx, params, body))
}
