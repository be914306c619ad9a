import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { pushAgent } from './push.ts'

export const pushAgentJob = job({
  name: 'agents.push-agent',
  data: z.object({ organizationId: z.uuid(), agentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 5 },
  key: ({ agentId }) => agentId,
  run: (ctx, { organizationId, agentId }) =>
    pushAgent(forOrganization(ctx, organizationId), agentId),
})
