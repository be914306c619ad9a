import { and, eq, inArray, isNull, lt, ne, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { callLeases, calls } from '#db/schema/calls.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'
import { leaseOfCall } from './lease-queries.ts'
import { agentOfCall, isCall } from './queries.ts'

/** Platform role: running calls that ElevenLabs carries and nobody has looked at for a lease's length. */
export async function listCarriedCallsDue(db: Db, atMost: number) {
  return await db
    .select({
      organizationId: calls.organizationId,
      callId: calls.id,
      twilioCallSid: calls.twilioCallSid,
      twilioAccountSid: calls.twilioAccountSid,
    })
    .from(calls)
    .innerJoin(callLeases, leaseOfCall)
    .where(
      and(
        isNull(calls.settledAt),
        ne(calls.route, 'gateway'),
        isNull(callLeases.closedAt),
        lt(callLeases.expiresAt, sql`now()`),
      ),
    )
    .orderBy(callLeases.expiresAt)
    .limit(atMost)
}

/** Platform role: agents at ElevenLabs that answer imported numbers. */
export async function listNativeAgents(db: Db): Promise<string[]> {
  const rows = await db
    .selectDistinct({ elevenLabsAgentId: agents.elevenLabsAgentId })
    .from(phoneNumbers)
    .innerJoin(
      agents,
      and(
        eq(agents.organizationId, phoneNumbers.organizationId),
        eq(agents.id, phoneNumbers.agentId),
      ),
    )
    .where(and(eq(phoneNumbers.route, 'native'), isNull(phoneNumbers.releasedAt)))
  return rows.flatMap(({ elevenLabsAgentId }) => (elevenLabsAgentId ? [elevenLabsAgentId] : []))
}

/** Platform role: which of these conversations are calls already. */
export async function listKnownConversations(
  db: Db,
  conversationIds: readonly string[],
): Promise<Set<string>> {
  if (conversationIds.length === 0) return new Set()
  const rows = await db
    .select({ id: calls.elevenLabsConversationId })
    .from(calls)
    .where(inArray(calls.elevenLabsConversationId, [...conversationIds]))
  return new Set(rows.flatMap(({ id }) => (id ? [id] : [])))
}

export async function findElevenLabsAgent(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<string | null | undefined> {
  const [row] = await db
    .select({ elevenLabsAgentId: agents.elevenLabsAgentId })
    .from(agents)
    .where(and(eq(agents.organizationId, organizationId), eq(agents.id, agentId)))
  return row?.elevenLabsAgentId
}

/** What the agent of a call says first. */
export async function findFirstMessage(
  db: Db,
  organizationId: string,
  callId: string,
): Promise<string | undefined> {
  const [row] = await db
    .select({ firstMessage: agents.firstMessage })
    .from(calls)
    .innerJoin(agents, agentOfCall)
    .where(isCall(organizationId, callId))
  return row?.firstMessage
}
