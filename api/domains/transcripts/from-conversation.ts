import type { Context } from '#api/core/context.ts'
import { tenantOf } from '#api/core/context.ts'
import type { Conversation } from '#api/core/vendors.ts'
import { findCarriedConversation } from '#api/domains/calls/service.ts'
import { MAX_TURNS, type Turn } from './contract.ts'
import { recoverTurns } from './service.ts'

/**
 * Brings the turns of a call whose media never passed our gateway: ElevenLabs' own transcript. Doing it again writes
 * the same turns.
 */
export async function importConversation(
  ctx: Context,
  callId: string,
): Promise<'imported' | 'nothing to do'> {
  const carried = await findCarriedConversation(ctx, callId)
  const conversation =
    carried && (await ctx.vendors.elevenLabs.fetchConversation(carried.conversationId))
  if (!conversation) return 'nothing to do'
  const { createdAt } = carried
  const call = { organizationId: tenantOf(ctx), callId, createdAt }
  await recoverTurns(ctx, call, turnsOf(conversation))
  return 'imported'
}

/** Whole seconds are all that is known of when somebody spoke; the order is the conversation's own. */
export function turnsOf({ turns, durationSeconds }: Conversation): Turn[] {
  const spoken = turns.filter(({ text }) => text !== null && text !== '').slice(0, MAX_TURNS)
  return spoken.map(({ role, text, atSeconds, interrupted }, seq) => {
    const startMs = Math.round(atSeconds * 1000)
    const nextMs = Math.round((spoken[seq + 1]?.atSeconds ?? durationSeconds) * 1000)
    const isCut = role === 'agent' && interrupted
    return {
      seq,
      speaker: role === 'user' ? 'customer' : 'agent',
      text: text ?? '',
      heard: isCut ? 'cut' : 'heard',
      // What is kept of an interrupted turn is what was spoken of it.
      heardText: isCut ? text : null,
      startMs,
      endMs: Math.max(startMs, nextMs),
    }
  })
}
