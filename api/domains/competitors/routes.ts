import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  createCompetitor,
  deleteCompetitor,
  getCompetitor,
  listCompetitors,
  updateCompetitor,
} from './service.ts'

export async function competitorRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listCompetitors, (ctx, { query }) => listCompetitors(ctx, query))
  serve(app, api.getCompetitor, (ctx, { params }) => getCompetitor(ctx, params.competitorId))
  serve(app, api.createCompetitor, (ctx, { body }) => createCompetitor(ctx, body))
  serve(app, api.updateCompetitor, (ctx, { params, body }) =>
    updateCompetitor(ctx, params.competitorId, body),
  )
  serve(app, api.deleteCompetitor, (ctx, { params }) => deleteCompetitor(ctx, params.competitorId))
}
