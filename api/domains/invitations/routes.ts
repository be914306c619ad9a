import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  acceptInvitation,
  acceptOwnInvitation,
  createInvitation,
  getInvitationLink,
  inviteAdmin,
  listInvitations,
  listOwnInvitations,
  previewInvitation,
  resendInvitation,
  revokeInvitation,
} from './service.ts'

export async function invitationRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listInvitations, (ctx, { query }) => listInvitations(ctx, query))
  serve(app, api.createInvitation, (ctx, { body }) => createInvitation(ctx, body))
  serve(app, api.inviteAdmin, (ctx, { params, body }) =>
    inviteAdmin(ctx, params.organizationId, body),
  )
  serve(app, api.resendInvitation, (ctx, { params }) => resendInvitation(ctx, params.invitationId))
  serve(app, api.revokeInvitation, (ctx, { params }) => revokeInvitation(ctx, params.invitationId))
  serve(app, api.getInvitationLink, (ctx, { params }) =>
    getInvitationLink(ctx, params.invitationId),
  )
  serve(app, api.previewInvitation, (ctx, { body }) => previewInvitation(ctx, body.token))
  serve(app, api.acceptInvitation, (ctx, { body }) => acceptInvitation(ctx, body.token))
  serve(app, api.listOwnInvitations, (ctx) => listOwnInvitations(ctx))
  serve(app, api.acceptOwnInvitation, (ctx, { params }) =>
    acceptOwnInvitation(ctx, params.invitationId),
  )
}
