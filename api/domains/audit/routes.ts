import type { FastifyInstance } from 'fastify'
import { sendCsv } from '#api/http/download.ts'
import { serve, serveBytes } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  exportEntries,
  exportPlatformEntries,
  listEntries,
  listPlatformEntries,
  verifyOwnAudit,
  verifyPlatformAudit,
} from './service.ts'

export async function auditRoutes(app: FastifyInstance): Promise<void> {
  serve(app, api.listAuditEntries, (ctx, { query }) => listEntries(ctx, query))
  serveBytes(app, api.exportAuditEntries, async (ctx, { query }, { reply }) =>
    sendCsv(reply, 'audit.csv', exportEntries(ctx, query)),
  )
  serve(app, api.verifyAudit, (ctx) => verifyOwnAudit(ctx))
  serve(app, api.listPlatformAuditEntries, (ctx, { query }) => listPlatformEntries(ctx, query))
  serveBytes(app, api.exportPlatformAuditEntries, async (ctx, { query }, { reply }) =>
    sendCsv(reply, 'platform-audit.csv', exportPlatformEntries(ctx, query)),
  )
  serve(app, api.verifyPlatformAudit, (ctx) => verifyPlatformAudit(ctx))
}
