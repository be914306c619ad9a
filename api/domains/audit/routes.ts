import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { listEntries } from './service.ts'

export async function auditRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listAuditEntries, (ctx, { query }) => listEntries(ctx, query))
}
