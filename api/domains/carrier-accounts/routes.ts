import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import * as accounts from './service.ts'

export async function carrierAccountRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listCarrierAccounts, (ctx, { query }) => accounts.listCarrierAccounts(ctx, query))
  serve(app, api.connectCarrierAccount, (ctx, { body }) =>
    accounts.connectCarrierAccount(ctx, body),
  )
  serve(app, api.renameCarrierAccount, (ctx, { params, body }) =>
    accounts.renameCarrierAccount(ctx, params.carrierAccountId, body.label),
  )
  serve(app, api.rotateCarrierToken, (ctx, { params, body }) =>
    accounts.rotateCarrierToken(ctx, params.carrierAccountId, body.authToken),
  )
  serve(app, api.disconnectCarrierAccount, (ctx, { params }) =>
    accounts.disconnectCarrierAccount(ctx, params.carrierAccountId),
  )
}
