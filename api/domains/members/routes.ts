import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { changeRole, leaveOrganization, listAdmins, listMembers, removeMember } from './service.ts'

export async function memberRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listMembers, (ctx, { query }) => listMembers(ctx, query))
  serve(app, api.listAdmins, async (ctx) => ({ items: await listAdmins(ctx) }))
  serve(app, api.changeRole, (ctx, { params, body }) => changeRole(ctx, params.memberId, body.role))
  serve(app, api.leaveOrganization, (ctx) => leaveOrganization(ctx))
  serve(app, api.removeMember, (ctx, { params }) => removeMember(ctx, params.memberId))
}
