import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import { adjustWallet, getWallet, getWalletStatus, listEntries } from './service.ts'

export async function walletRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getWallet, (ctx) => getWallet(ctx))
  serve(app, api.getWalletStatus, (ctx) => getWalletStatus(ctx))
  serve(app, api.listLedgerEntries, (ctx, { query }) => listEntries(ctx, query))
  serve(app, api.adjustWallet, (ctx, { params, body }) =>
    adjustWallet(ctx, params.organizationId, body),
  )
}
