import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { serve, serveClaimed } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { createLiveTicket, endCallByHand } from './live.ts'
import { checkOutboundCall } from './outbound/check.ts'
import { claimOutboundCall, placeOutboundCall } from './outbound/place.ts'
import { changeOutboundRules, getOutboundRules } from './outbound/rules.ts'
import { getCall, listCallEvents, listCalls } from './read.ts'
import { claimTestCall, startTestCall } from './test-calls/start.ts'

export async function callRoutes(
  app: FastifyInstance,
  at: { publicVoiceUrl: string },
): Promise<void> {
  serve(app, api.listCalls, (ctx, { query }) => listCalls(ctx, query))
  serveClaimed(app, api.startCall, {
    claimed: z.object({ callId: z.uuid() }),
    claim: (ctx, { body }) => claimOutboundCall(ctx, body),
    finish: async (ctx, { callId }) => {
      await placeOutboundCall(ctx, callId)
      return getCall(ctx, callId)
    },
  })
  serve(app, api.checkOutboundCall, (ctx, { query }) => checkOutboundCall(ctx, query))
  serve(app, api.getOutboundRules, (ctx) => getOutboundRules(ctx))
  serve(app, api.changeOutboundRules, (ctx, { body }) => changeOutboundRules(ctx, body))
  serve(app, api.getCall, (ctx, { params }) => getCall(ctx, params.callId))
  serve(app, api.listCallEvents, (ctx, { params, query }) =>
    listCallEvents(ctx, params.callId, query),
  )
  serve(app, api.createLiveTicket, (ctx, { params }) => createLiveTicket(ctx, params.callId))
  serve(app, api.endCallByHand, (ctx, { params }) => endCallByHand(ctx, params.callId))
  serveClaimed(app, api.startTestCall, {
    claimed: z.object({ callId: z.uuid() }),
    claim: claimTestCall,
    finish: (ctx, { callId }, { params, body }) =>
      startTestCall(ctx, { callId, ...params, ...body }, at),
  })
}
