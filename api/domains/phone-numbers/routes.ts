import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as change from './change.ts'
import * as claim from './claim.ts'
import * as api from './contract.ts'
import { compareWithVendors, listPhoneNumbers } from './service.ts'
import { getPhoneNumber } from './show.ts'

export async function phoneNumberRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listPhoneNumbers, (ctx, { query }) => listPhoneNumbers(ctx, query))
  serve(app, api.searchAvailableNumbers, (ctx, { query }) =>
    claim.searchAvailableNumbers(ctx, query),
  )
  serve(app, api.listHeldNumbers, (ctx, { params }) =>
    claim.listHeldNumbers(ctx, params.carrierAccountId),
  )
  serve(app, api.importPhoneNumber, (ctx, { body }) => claim.importPhoneNumber(ctx, body))
  serve(app, api.buyPhoneNumber, (ctx, { body }) => claim.buyPhoneNumber(ctx, body))
  serve(app, api.getPhoneNumber, (ctx, { params }) => getPhoneNumber(ctx, params.phoneNumberId))
  serve(app, api.updatePhoneNumber, (ctx, { params, body }) =>
    change.updatePhoneNumber(ctx, params.phoneNumberId, body),
  )
  serve(app, api.retryPhoneNumber, (ctx, { params }) =>
    change.retryPhoneNumber(ctx, params.phoneNumberId),
  )
  serve(app, api.releasePhoneNumber, (ctx, { params, body }) =>
    change.releasePhoneNumber(ctx, params.phoneNumberId, body),
  )
  serve(app, api.checkDrift, (ctx, { params }) => compareWithVendors(ctx, params.phoneNumberId))
  serve(app, api.repairDrift, (ctx, { params }) => change.repairDrift(ctx, params.phoneNumberId))
}
