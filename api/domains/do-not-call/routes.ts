import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  addDoNotCallNumber,
  addDoNotCallNumbers,
  listDoNotCallNumbers,
  removeDoNotCallNumber,
} from './service.ts'

export async function doNotCallRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listDoNotCallNumbers, (ctx, { query }) => listDoNotCallNumbers(ctx, query))
  serve(app, api.addDoNotCallNumber, (ctx, { body }) => addDoNotCallNumber(ctx, body))
  serve(app, api.addDoNotCallNumbers, (ctx, { body }) => addDoNotCallNumbers(ctx, body))
  serve(app, api.removeDoNotCallNumber, (ctx, { params }) =>
    removeDoNotCallNumber(ctx, params.doNotCallNumberId),
  )
}
