import type { FastifyInstance } from 'fastify'
import { serve } from '#api/http/serve.ts'
import * as api from './contract.ts'
import {
  getMe,
  grantPlatformRoleByAddress,
  listPlatformAdmins,
  revokePlatformRole,
} from './service.ts'

export async function accessRoutes(
  app: FastifyInstance,
  settings: { sandboxUrl: string | null; superAdminEmails: readonly string[] },
): Promise<void> {
  const { sandboxUrl, superAdminEmails } = settings
  serve(app, api.getMe, (ctx) => getMe(ctx, sandboxUrl))
  serve(app, api.listPlatformAdmins, (ctx) => listPlatformAdmins(ctx, superAdminEmails))
  serve(app, api.grantPlatformRole, (ctx, { body }) =>
    grantPlatformRoleByAddress(ctx, body, superAdminEmails),
  )
  serve(app, api.revokePlatformRole, (ctx, { params }) =>
    revokePlatformRole(ctx, params.userId, superAdminEmails),
  )
}
