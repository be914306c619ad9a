import type { FastifyInstance } from 'fastify'
import { forOrganization } from '#api/core/context.ts'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  adjustWallet,
  changeOrganizationPrice,
  changePrice,
  getWallet,
  getWalletStatus,
  listEntries,
  listOrganizationPrices,
  listPrices,
} from './service.ts'

export async function walletRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getWallet, (ctx) => getWallet(ctx))
  serve(app, api.getWalletStatus, (ctx) => getWalletStatus(ctx))
  serve(app, api.listLedgerEntries, (ctx, { query }) => listEntries(ctx, query))
  serve(app, api.adjustWallet, (ctx, { params, body }) =>
    adjustWallet(ctx, params.organizationId, body),
  )
  serve(app, api.getOrganizationWallet, (ctx, { params }) =>
    getWallet(forOrganization(ctx, params.organizationId)),
  )
  serve(app, api.listPrices, (ctx) => listPrices(ctx))
  serve(app, api.changePrice, (ctx, { body }) => changePrice(ctx, body))
  serve(app, api.listOrganizationPrices, (ctx, { params }) =>
    listOrganizationPrices(ctx, params.organizationId),
  )
  serve(app, api.changeOrganizationPrice, (ctx, { params, body }) =>
    changeOrganizationPrice(ctx, params.organizationId, body),
  )
}
