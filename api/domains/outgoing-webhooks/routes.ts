import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  listMessages,
  pingEndpoint,
  replayMessage,
  rotateSecret,
  updateEndpoint,
} from './service.ts'

export async function outgoingWebhookRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listWebhookEndpoints, (ctx, { query }) => listEndpoints(ctx, query))
  serve(app, api.createWebhookEndpoint, (ctx, { body }) => createEndpoint(ctx, body))
  serve(app, api.updateWebhookEndpoint, (ctx, { params, body }) =>
    updateEndpoint(ctx, params.endpointId, body),
  )
  serve(app, api.rotateWebhookSecret, (ctx, { params }) => rotateSecret(ctx, params.endpointId))
  serve(app, api.deleteWebhookEndpoint, (ctx, { params }) => deleteEndpoint(ctx, params.endpointId))
  serve(app, api.pingWebhookEndpoint, (ctx, { params }) => pingEndpoint(ctx, params.endpointId))
  serve(app, api.listWebhookMessages, (ctx, { params, query }) =>
    listMessages(ctx, params.endpointId, query),
  )
  serve(app, api.replayWebhookMessage, (ctx, { params }) =>
    replayMessage(ctx, params.endpointId, params.messageId),
  )
}
