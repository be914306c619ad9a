import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { createLiveTicket, endCallByHand } from './live.ts'
import { getCall, listCallEvents, listCalls } from './read.ts'

export async function callRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listCalls, (ctx, { query }) => listCalls(ctx, query))
  serve(app, api.getCall, (ctx, { params }) => getCall(ctx, params.callId))
  serve(app, api.listCallEvents, (ctx, { params, query }) =>
    listCallEvents(ctx, params.callId, query),
  )
  serve(app, api.createLiveTicket, (ctx, { params }) => createLiveTicket(ctx, params.callId))
  serve(app, api.endCallByHand, (ctx, { params }) => endCallByHand(ctx, params.callId))
}
