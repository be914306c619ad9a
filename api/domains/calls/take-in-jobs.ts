import { z } from 'zod'
import { asPlatform } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { listUnknownConversations, takeInConversation } from './take-in.ts'

/** Finds, or makes, the call of a phone conversation that we know nothing of. */
export const takeInConversationJob = job({
  name: 'calls.take-in-conversation',
  data: z.object({ conversationId: z.string() }),
  retry: { limit: 8, delaySeconds: 2 },
  key: ({ conversationId }) => conversationId,
  run: async (ctx, { conversationId }) => {
    const outcome = await takeInConversation(ctx, conversationId)
    if (outcome === 'not ours')
      ctx.log.warn(
        { alert: 'webhook.not_ours', conversationId },
        'a conversation of no call of ours',
      )
  },
})

/** Looks for conversations of native numbers over all organizations, whose webhooks were lost. */
export const pollNativeConversationsJob = job({
  name: 'calls.poll-native-conversations',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'poll',
  run: async (ctx) => {
    const unknown = await listUnknownConversations(ctx)
    await asPlatform(ctx, async (tx) => {
      for (const conversationId of unknown)
        await tx.enqueue(takeInConversationJob, { conversationId })
    })
  },
})
