import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { calls } from '#db/schema/calls.ts'
import { organizations } from '#db/schema/organizations.ts'

/** What an admission of a test call asks; undefined where the organization has no such agent. */
export async function findFacts(db: Db, organizationId: string, agentId: string) {
  const running = sql<number>`(select count(*)::int from ${calls} c where c.organization_id = ${organizationId} and c.settled_at is null)`
  const [row] = await db
    .select({
      organizationStatus: organizations.status,
      organizationLimit: organizations.maxConcurrentCalls,
      running,
    })
    .from(organizations)
    .innerJoin(
      agents,
      and(
        eq(agents.organizationId, organizations.id),
        eq(agents.id, agentId),
        isNull(agents.archivedAt),
      ),
    )
    .where(eq(organizations.id, organizationId))
  return row
}
