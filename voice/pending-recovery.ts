import type { Context } from '#api/core/context.ts'
import { recoverTurns } from '#api/domains/transcripts/service.ts'
import type { PendingCall, PendingSpool } from './pending-spool.ts'
import { writeRows } from './write-rows.ts'

/**
 * Stores the turns that streams left on disk and gives back how many. A file that can never be stored whole is set
 * aside, for people to look at, so that it holds up no other. Throws where the database is away.
 */
export async function recoverPending(ctx: Context, pending: PendingSpool): Promise<number> {
  let recovered = 0
  for (const name of [...pending.leftovers]) {
    const found = read(pending, name)
    const refused = found.call ? await store(ctx, found.call) : [found]
    recovered += (found.call?.turns.length ?? refused.length) - refused.length
    if (refused[0]) {
      ctx.log.error({ err: refused[0].error, file: name }, 'pending turns were set aside')
      pending.setAside(name)
    } else pending.dropLeftover(name)
  }
  return recovered
}

type Found = { call: PendingCall } | { call?: never; error: unknown }

function read(pending: PendingSpool, name: string): Found {
  try {
    return { call: pending.readLeftover(name) }
  } catch (error) {
    return { error }
  }
}

const store = (ctx: Context, call: PendingCall) =>
  writeRows(call.turns, async (turns) => {
    await recoverTurns(ctx, { ...call, createdAt: new Date(call.createdAt) }, turns)
  })
