import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agentTestRuns, agentTests } from '#db/schema/agent-tests.ts'

export type TestOnDraft = { id: string; name: string; hasPassed: boolean }

/** An agent's tests, and whether the last finished run of each, as it stands, passed on this very draft. */
export function listTests(
  db: Db,
  organizationId: string,
  agentId: string,
  draftFingerprint: string,
): Promise<TestOnDraft[]> {
  // Drizzle names the columns of the only table without it, which inside of the inner query would be the run's own.
  const hasPassed: SQL<boolean> = sql`coalesce((
    select r.state = 'passed' from ${agentTestRuns} r
     where r.organization_id = agent_tests.organization_id and r.test_id = agent_tests.id
       and r.test_revision = agent_tests.revision and r.draft_fingerprint = ${draftFingerprint}
       and r.finished_at is not null
     order by r.queued_at desc, r.id desc limit 1), false)`
  return db
    .select({ id: agentTests.id, name: agentTests.name, hasPassed })
    .from(agentTests)
    .where(and(eq(agentTests.organizationId, organizationId), eq(agentTests.agentId, agentId)))
    .orderBy(asc(agentTests.createdAt), asc(agentTests.id))
}
