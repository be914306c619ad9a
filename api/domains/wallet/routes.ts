import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { serve, serveClaimed } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  adjustWallet,
  changeAutoRecharge,
  changeOrganizationPrice,
  changePrice,
  claimTopUp,
  getAutoRecharge,
  getTopUp,
  getWallet,
  getWalletStatus,
  listEntries,
  listOrganizationPrices,
  listPrices,
  listTopUps,
  openCheckout,
} from './service.ts'

export async function walletRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getWallet, (ctx) => getWallet(ctx))
  serve(app, api.getWalletStatus, (ctx) => getWalletStatus(ctx))
  serve(app, api.listLedgerEntries, (ctx, { query }) => listEntries(ctx, query))
  serveClaimed(app, api.createTopUp, {
    claimed: z.object({ topUpId: z.uuid() }),
    claim: (ctx, { body }) => claimTopUp(ctx, body),
    finish: (ctx, { topUpId }) => openCheckout(ctx, topUpId),
  })
  serve(app, api.listTopUps, (ctx, { query }) => listTopUps(ctx, query))
  serve(app, api.getTopUp, (ctx, { params }) => getTopUp(ctx, params.topUpId))
  serve(app, api.getAutoRecharge, (ctx) => getAutoRecharge(ctx))
  serve(app, api.changeAutoRecharge, (ctx, { body }) => changeAutoRecharge(ctx, body))
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
