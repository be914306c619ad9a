import { aliasedTable, and, asc, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { agentTestRuns, agentTests } from '#db/schema/agent-tests.ts'
import { memberships } from '#db/schema/members.ts'

export type TestRow = typeof agentTests.$inferSelect
export type ShownTest = { test: TestRow; updatedBy: string | null }
export type RunRow = typeof agentTestRuns.$inferSelect
/** A run, and the revision of its test as it stands now; null where that is gone. */
export type ShownRun = { run: RunRow; presentRevision: number | null; startedBy: string | null }

/** Changes to one agent's tests and runs come one after another, so that each counts the others. */
export async function lockTests(db: Db, organizationId: string, agentId: string): Promise<void> {
  const key = `agent-tests:${organizationId}:${agentId}`
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`)
}

const ofAgent = (organizationId: string, agentId: string): SQL | undefined =>
  and(eq(agentTests.organizationId, organizationId), eq(agentTests.agentId, agentId))
const isTest = (organizationId: string, agentId: string, id: string): SQL | undefined =>
  and(ofAgent(organizationId, agentId), eq(agentTests.id, id))

export const countTests = (db: Db, organizationId: string, agentId: string): Promise<number> =>
  db.$count(agentTests, ofAgent(organizationId, agentId))

/** Whether another test of the agent has the name, whatever its case. */
export async function isNameTaken(
  db: Db,
  organizationId: string,
  agentId: string,
  name: string,
  besides?: string,
): Promise<boolean> {
  const others = besides ? ne(agentTests.id, besides) : undefined
  const [row] = await db
    .select({ id: agentTests.id })
    .from(agentTests)
    .where(
      and(
        ofAgent(organizationId, agentId),
        sql`lower(${agentTests.name}) = lower(${name})`,
        others,
      ),
    )
  return row !== undefined
}

export async function insertTest(db: Db, test: typeof agentTests.$inferInsert): Promise<void> {
  await db.insert(agentTests).values(test)
}

/** Undefined where the test is another one by now. */
export async function replaceTest(
  db: Db,
  where: { organizationId: string; agentId: string; id: string; revision: number },
  change: Partial<TestRow>,
): Promise<TestRow | undefined> {
  const [row] = await db
    .update(agentTests)
    .set({ ...change, revision: where.revision + 1 })
    .where(
      and(
        isTest(where.organizationId, where.agentId, where.id),
        eq(agentTests.revision, where.revision),
      ),
    )
    .returning()
  return row
}

export async function deleteTest(
  db: Db,
  organizationId: string,
  agentId: string,
  id: string,
): Promise<boolean> {
  const rows = await db
    .delete(agentTests)
    .where(isTest(organizationId, agentId, id))
    .returning({ id: agentTests.id })
  return rows.length > 0
}

const updaters = aliasedTable(memberships, 'updaters')
const selectTests = (db: Db, where: SQL | undefined) =>
  db
    .select({ test: agentTests, updatedBy: updaters.name })
    .from(agentTests)
    .leftJoin(
      updaters,
      and(
        eq(updaters.organizationId, agentTests.organizationId),
        eq(updaters.userId, agentTests.updatedByUserId),
      ),
    )
    .where(where)

export function listTests(
  db: Db,
  organizationId: string,
  agentId: string,
  page: { before: Position | undefined; limit: number },
): Promise<ShownTest[]> {
  const { before, limit } = page
  const older =
    before && sql`(${agentTests.createdAt}, ${agentTests.id}) < (${before.at}, ${before.id})`
  return selectTests(db, and(ofAgent(organizationId, agentId), older))
    .orderBy(desc(agentTests.createdAt), desc(agentTests.id))
    .limit(limit)
}

export async function findTest(
  db: Db,
  organizationId: string,
  agentId: string,
  id: string,
): Promise<ShownTest | undefined> {
  const [row] = await selectTests(db, isTest(organizationId, agentId, id))
  return row
}

/** These tests of the agent, or all of them, in the order in which they were made. */
export function listTestsToRun(
  db: Db,
  organizationId: string,
  agentId: string,
  ids: readonly string[] | undefined,
): Promise<TestRow[]> {
  const which = ids && inArray(agentTests.id, [...ids])
  return db
    .select()
    .from(agentTests)
    .where(and(ofAgent(organizationId, agentId), which))
    .orderBy(asc(agentTests.createdAt), asc(agentTests.id))
}

const starters = aliasedTable(memberships, 'starters')
const selectRuns = (db: Db, where: SQL | undefined) =>
  db
    .select({ run: agentTestRuns, presentRevision: agentTests.revision, startedBy: starters.name })
    .from(agentTestRuns)
    .leftJoin(
      agentTests,
      and(
        eq(agentTests.organizationId, agentTestRuns.organizationId),
        eq(agentTests.id, agentTestRuns.testId),
      ),
    )
    .leftJoin(
      starters,
      and(
        eq(starters.organizationId, agentTestRuns.organizationId),
        eq(starters.userId, agentTestRuns.startedByUserId),
      ),
    )
    .where(where)

const runsOf = (organizationId: string, agentId: string): SQL | undefined =>
  and(eq(agentTestRuns.organizationId, organizationId), eq(agentTestRuns.agentId, agentId))

export function listRuns(
  db: Db,
  organizationId: string,
  agentId: string,
  page: { before: Position | undefined; limit: number; testId?: string | undefined },
): Promise<ShownRun[]> {
  const { before, limit, testId } = page
  return selectRuns(
    db,
    and(
      runsOf(organizationId, agentId),
      testId ? eq(agentTestRuns.testId, testId) : undefined,
      before &&
        sql`(${agentTestRuns.queuedAt}, ${agentTestRuns.id}) < (${before.at}, ${before.id})`,
    ),
  )
    .orderBy(desc(agentTestRuns.queuedAt), desc(agentTestRuns.id))
    .limit(limit)
}

export async function findRun(
  db: Db,
  organizationId: string,
  agentId: string,
  id: string,
): Promise<ShownRun | undefined> {
  const [row] = await selectRuns(db, and(runsOf(organizationId, agentId), eq(agentTestRuns.id, id)))
  return row
}

/** The newest run of each of these tests as it stands, on this draft or still to come. */
export async function listLastRuns(
  db: Db,
  organizationId: string,
  testIds: readonly string[],
  draftFingerprint: string,
): Promise<ShownRun[]> {
  if (testIds.length === 0) return []
  const newest = db
    .selectDistinctOn([agentTestRuns.testId], { id: agentTestRuns.id })
    .from(agentTestRuns)
    .innerJoin(
      agentTests,
      and(
        eq(agentTests.organizationId, agentTestRuns.organizationId),
        eq(agentTests.id, agentTestRuns.testId),
        eq(agentTests.revision, agentTestRuns.testRevision),
      ),
    )
    .where(
      and(
        eq(agentTestRuns.organizationId, organizationId),
        inArray(agentTestRuns.testId, [...testIds]),
        sql`(${agentTestRuns.draftFingerprint} = ${draftFingerprint} or ${agentTestRuns.state} = 'queued')`,
      ),
    )
    .orderBy(agentTestRuns.testId, desc(agentTestRuns.queuedAt), desc(agentTestRuns.id))
  return selectRuns(
    db,
    and(eq(agentTestRuns.organizationId, organizationId), inArray(agentTestRuns.id, newest)),
  )
}

/** Those that wait to be run, of these tests as they stand. */
export function listQueued(
  db: Db,
  organizationId: string,
  agentId: string,
): Promise<Pick<RunRow, 'id' | 'testId' | 'testRevision'>[]> {
  const { id, testId, testRevision } = agentTestRuns
  return db
    .select({ id, testId, testRevision })
    .from(agentTestRuns)
    .where(and(runsOf(organizationId, agentId), eq(agentTestRuns.state, 'queued')))
}

export async function insertRuns(
  db: Db,
  runs: (typeof agentTestRuns.$inferInsert)[],
): Promise<void> {
  if (runs.length > 0) await db.insert(agentTestRuns).values(runs)
}

/** Those that wait are of the test as it is now. */
export async function renewQueued(db: Db, test: TestRow): Promise<void> {
  await db
    .update(agentTestRuns)
    .set({ testName: test.name, testRevision: test.revision, steps: test.steps })
    .where(
      and(
        eq(agentTestRuns.organizationId, test.organizationId),
        eq(agentTestRuns.testId, test.id),
        eq(agentTestRuns.state, 'queued'),
      ),
    )
}

/** The runs of a test that goes away: those that wait are not run, and none points at it. */
export async function letGoOfRuns(
  db: Db,
  organizationId: string,
  testId: string,
  now: Date,
): Promise<void> {
  const ofTest = and(
    eq(agentTestRuns.organizationId, organizationId),
    eq(agentTestRuns.testId, testId),
  )
  await db
    .update(agentTestRuns)
    .set({ state: 'broken', reason: 'test_deleted', finishedAt: now })
    .where(and(ofTest, eq(agentTestRuns.state, 'queued')))
  await db.update(agentTestRuns).set({ testId: null }).where(ofTest)
}
