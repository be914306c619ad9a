import type { FastifyInstance } from 'fastify'
import { accessRoutes } from './domains/access/routes.ts'
import { clerkWebhooks } from './domains/access/webhooks.ts'
import { agentTestRoutes } from './domains/agent-tests/routes.ts'
import { agentRoutes } from './domains/agents/routes.ts'
import { apiKeyRoutes } from './domains/api-keys/routes.ts'
import { auditRoutes } from './domains/audit/routes.ts'
import { carrierFallback } from './domains/calls/carrier-fallback.ts'
import { callRoutes } from './domains/calls/routes.ts'
import { callWebhooks } from './domains/calls/webhooks.ts'
import { carrierAccountRoutes } from './domains/carrier-accounts/routes.ts'
import { competitorRoutes } from './domains/competitors/routes.ts'
import { doNotCallRoutes } from './domains/do-not-call/routes.ts'
import { invitationRoutes } from './domains/invitations/routes.ts'
import { knowledgeRoutes } from './domains/knowledge/routes.ts'
import { memberRoutes } from './domains/members/routes.ts'
import { operationRoutes } from './domains/operations/routes.ts'
import { vendorSetup } from './domains/operations/service.ts'
import { organizationRoutes } from './domains/organizations/routes.ts'
import { outgoingWebhookRoutes } from './domains/outgoing-webhooks/routes.ts'
import { phoneNumberRoutes } from './domains/phone-numbers/routes.ts'
import { reconciliationRoutes } from './domains/reconciliation/routes.ts'
import { recordingRoutes } from './domains/recordings/routes.ts'
import { systemRoutes } from './domains/system/routes.ts'
import { transcriptRoutes } from './domains/transcripts/routes.ts'
import { usageRoutes } from './domains/usage/routes.ts'
import { walletRoutes } from './domains/wallet/routes.ts'
import { stripeWebhooks } from './domains/wallet/webhooks.ts'
import { createHttp } from './http/http.ts'
import { serveOperations } from './http/operations.ts'
import type { HttpDeps } from './http/request.ts'
import type { Route } from './http/routes.ts'
import { jobs, replays } from './subscriptions.ts'

/** The HTTP API: one line a domain. Not listening yet. */
export async function buildApp(deps: HttpDeps): Promise<{ app: FastifyInstance; routes: Route[] }> {
  const { app, routes } = await createHttp(deps)
  const { sandboxUrl, superAdminEmails, clerk, elevenLabs, stripe, publicApiUrl, publicVoiceUrl } =
    deps.config
  const { metrics } = deps

  serveOperations(app, deps, routes)
  await accessRoutes(app, { sandboxUrl, superAdminEmails })
  await clerkWebhooks(app, { webhookSecret: clerk.webhookSecret, metrics })
  await organizationRoutes(app)
  await memberRoutes(app)
  await apiKeyRoutes(app)
  await invitationRoutes(app)
  await auditRoutes(app)
  await systemRoutes(app)
  await walletRoutes(app)
  await stripeWebhooks(app, { webhookSecret: stripe.webhookSecret, metrics })
  await outgoingWebhookRoutes(app)
  await knowledgeRoutes(app)
  await competitorRoutes(app)
  await agentRoutes(app)
  await carrierAccountRoutes(app)
  await phoneNumberRoutes(app)
  await doNotCallRoutes(app)
  await callRoutes(app, { publicVoiceUrl })
  await callWebhooks(app, { elevenLabsSecret: elevenLabs.webhookSecret, metrics })
  await carrierFallback(app, metrics)
  await agentTestRoutes(app)
  await transcriptRoutes(app)
  await recordingRoutes(app, { publicApiUrl })
  await usageRoutes(app)
  await reconciliationRoutes(app)
  await operationRoutes(app, {
    jobs,
    replays,
    status: { setup: vendorSetup(deps.config), consoleUrl: deps.config.publicWebUrl },
  })

  await app.ready()
  return { app, routes }
}
