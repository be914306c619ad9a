import { z } from 'zod'
import { forOrganization } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { importConversation } from './from-conversation.ts'

/** Fetches the transcript of a call that ElevenLabs carried. */
export const importConversationJob = job({
  name: 'transcripts.import-conversation',
  data: z.object({ organizationId: z.uuid(), callId: z.uuid() }),
  retry: { limit: 6, delaySeconds: 5 },
  key: ({ callId }) => callId,
  run: async (ctx, { organizationId, callId }) => {
    await importConversation(forOrganization(ctx, organizationId), callId)
  },
})
