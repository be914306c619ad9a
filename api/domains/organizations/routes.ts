import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { changeLimits, getOrganizationDetail, listOrganizations } from './office.ts'
import {
  archiveOrganization,
  createOwnOrganization,
  getOrganization,
  pauseOrganization,
  resumeOrganization,
  updateOrganization,
} from './service.ts'

export async function organizationRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getOrganization, (ctx) => getOrganization(ctx))
  serve(app, api.updateOrganization, (ctx, { body }) => updateOrganization(ctx, body))
  serve(app, api.createOrganization, (ctx, { body }) => createOwnOrganization(ctx, body))
  serve(app, api.listOrganizations, (ctx, { query }) => listOrganizations(ctx, query))
  serve(app, api.getOrganizationDetail, (ctx, { params }) =>
    getOrganizationDetail(ctx, params.organizationId),
  )
  serve(app, api.changeLimits, (ctx, { params, body }) =>
    changeLimits(ctx, params.organizationId, body),
  )
  serve(app, api.pauseOrganization, (ctx, { params, body }) =>
    pauseOrganization(ctx, params.organizationId, body.reason),
  )
  serve(app, api.archiveOrganization, (ctx, { params, body }) =>
    archiveOrganization(ctx, params.organizationId, body.reason),
  )
  serve(app, api.resumeOrganization, (ctx, { params, body }) =>
    resumeOrganization(ctx, params.organizationId, body.reason),
  )
}
