import { type Context, forOrganization } from '#api/core/context.ts'
import { eraseAgentJob } from './jobs.ts'
import { pushAgent, pushDraft } from './service.ts'

/** One thing that is done at ElevenLabs, as whoever does it again after a crash does it. */
export type Deed = {
  do: 'push' | 'push-draft' | 'erase'
  organizationId: string
  agentId: string
}

export async function perform(ctx: Context, deed: Deed): Promise<void> {
  const { organizationId, agentId } = deed
  const own = forOrganization(ctx, organizationId)
  switch (deed.do) {
    case 'push':
      return pushAgent(own, agentId)
    case 'push-draft':
      await pushDraft(own, agentId)
      return
    case 'erase':
      return eraseAgentJob.run(ctx, { organizationId, agentId })
  }
}
