import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { sendCsv, sendPdf } from '#api/http/download.ts'
import { serve, serveBytes, serveClaimed } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  adjustWallet,
  changeAutoRecharge,
  changeOrganizationPrice,
  changePrice,
  claimTopUp,
  exportEntries,
  exportStatement,
  getAutoRecharge,
  getStatement,
  getTopUp,
  getWallet,
  getWalletStatus,
  grantFunds,
  listEntries,
  listOrganizationPrices,
  listPrices,
  listStatements,
  listTopUps,
  openCheckout,
  previewCost,
  printStatement,
} from './service.ts'

export async function walletRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.getWallet, (ctx) => getWallet(ctx))
  serve(app, api.getWalletStatus, (ctx) => getWalletStatus(ctx))
  serve(app, api.previewCost, (ctx, { query }) => previewCost(ctx, query.kind))
  serve(app, api.listLedgerEntries, (ctx, { query }) => listEntries(ctx, query))
  serveBytes(app, api.exportLedgerEntries, async (ctx, { query }, { reply }) =>
    sendCsv(reply, 'ledger.csv', exportEntries(ctx, query)),
  )
  serve(app, api.listStatements, (ctx) => listStatements(ctx))
  serve(app, api.getStatement, (ctx, { params }) => getStatement(ctx, params.month))
  serveBytes(app, api.exportStatement, async (ctx, { params: { month } }, { reply }) =>
    sendCsv(reply, `statement-${month}.csv`, await exportStatement(ctx, month)),
  )
  serveBytes(app, api.printStatement, async (ctx, { params: { month } }, { reply }) =>
    sendPdf(reply, `statement-${month}.pdf`, await printStatement(ctx, month)),
  )
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
  serve(app, api.grantFunds, (ctx, { params, body }) =>
    grantFunds(ctx, params.organizationId, body),
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
