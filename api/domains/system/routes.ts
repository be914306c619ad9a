import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { changeSetting, listFlags, listOwnFlags, listSettings, setFlag } from './service.ts'

export async function systemRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listSettings, (ctx) => listSettings(ctx))
  serve(app, api.changeSetting, (ctx, { params, body }) => changeSetting(ctx, params.key, body))
  serve(app, api.listOwnFlags, (ctx) => listOwnFlags(ctx))
  serve(app, api.listFlags, (ctx, { params }) => listFlags(ctx, params.organizationId))
  serve(app, api.setFlag, (ctx, { params, body }) => setFlag(ctx, params.organizationId, body))
}
