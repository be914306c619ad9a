import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
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

const sendCsv = (reply: FastifyReply, name: string, lines: AsyncGenerator<string>) =>
  reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Readable.from(lines))
