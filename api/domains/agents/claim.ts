import { randomUUID } from 'node:crypto'
import type { Context, Tx } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { ClaimLost } from '#api/core/errors.ts'
import * as queries from './queries.ts'

// Longer than any one step towards ElevenLabs with its tries (a document may take a minute); taken anew before
// each. Whoever died is waited for no longer than this.
const CLAIM_MS = 120_000

/** The right to talk to ElevenLabs about one agent, which one process has at a time. */
export type Claim = {
  /** As it was when the claim was made. */
  agent: queries.AgentRow
  /** Before each step. Throws where somebody else has taken over. */
  renew(): Promise<void>
  /** Writes the outcome and lets go; undefined where somebody else has taken over and nothing was written. */
  settle(tx: Tx, change: Partial<queries.AgentRow>): Promise<queries.AgentRow | undefined>
}

/** Null while somebody else has the agent. */
export async function claimAgent(ctx: Context, agentId: string): Promise<Claim | null> {
  const organizationId = tenantOf(ctx)
  const token = randomUUID()
  const until = () => new Date(ctx.now().getTime() + CLAIM_MS)
  const agent = await inTransaction(ctx, (tx) =>
    queries.claimAgent(tx.db, organizationId, agentId, { token, now: tx.now(), until: until() }),
  )
  if (!agent) return null
  return {
    agent,
    async renew() {
      const held = await inTransaction(ctx, (tx) =>
        queries.updateClaimed(tx.db, organizationId, agentId, token, {
          pushClaimedUntil: until(),
        }),
      )
      if (!held) throw new ClaimLost()
    },
    settle: (tx, change) =>
      queries.updateClaimed(tx.db, organizationId, agentId, token, {
        ...change,
        pushClaim: null,
        pushClaimedUntil: null,
      }),
  }
}
