import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { getMe } from './service.ts'

export async function accessRoutes(
  app: FastifyInstance,
  settings: { sandboxUrl: string | null },
): Promise<void> {
  serve(app, api.getMe, (ctx) => getMe(ctx, settings.sandboxUrl))
}
