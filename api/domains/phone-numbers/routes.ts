import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { listPhoneNumbers } from './service.ts'
import { getPhoneNumber } from './show.ts'

export async function phoneNumberRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listPhoneNumbers, (ctx, { query }) => listPhoneNumbers(ctx, query))
  serve(app, api.getPhoneNumber, (ctx, { params }) => getPhoneNumber(ctx, params.phoneNumberId))
}
