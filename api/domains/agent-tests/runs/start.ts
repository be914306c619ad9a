import { randomUUIDv7 } from 'node:crypto'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf, userIdOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from '../contract.ts'
import * as errors from '../errors.ts'
import * as queries from '../queries.ts'
import { showRun, type TestRun } from '../show.ts'
import { runNextJob } from './run-next.ts'

/** Lines up a run of each of these tests. One that waits already is answered instead of a second one. */
export function startTestRuns(
  ctx: Context,
  agentId: string,
  { testIds }: Received<typeof contract.startTestRuns>['body'],
): Promise<{ items: TestRun[] }> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const { fingerprint } = await readDraft(tx, agentId)
    await queries.lockTests(tx.db, organizationId, agentId)
    const tests = await queries.listTestsToRun(tx.db, organizationId, agentId, testIds)
    if (testIds && tests.length < new Set(testIds).size) throw notFound('test')
    if (tests.length === 0) throw errors.nothingToRun()
    const waiting = await queries.listQueued(tx.db, organizationId, agentId)
    const known = new Map(waiting.map((run) => [keyOf(run.testId, run.testRevision), run.id]))
    const fresh = tests.filter(({ id, revision }) => !known.has(keyOf(id, revision)))
    const now = tx.now().getTime()
    const runs = fresh.map((test, index) => ({
      organizationId,
      id: randomUUIDv7(),
      agentId,
      testId: test.id,
      testName: test.name,
      testRevision: test.revision,
      steps: test.steps,
      // A moment apart, so that they run in the order of the tests.
      queuedAt: new Date(now + index),
      startedByUserId: userIdOf(tx),
    }))
    await queries.insertRuns(tx.db, runs)
    await recordAudit(tx, {
      action: 'agent-tests.run',
      subject: agentId,
      after: { runs: runs.map(({ id }) => id) },
    })
    await tx.enqueue(runNextJob, { organizationId, agentId })
    for (const { id, testId, testRevision } of runs) known.set(keyOf(testId, testRevision), id)
    const items: TestRun[] = []
    for (const { id, revision } of tests) {
      const shown = await queries.findRun(
        tx.db,
        organizationId,
        agentId,
        known.get(keyOf(id, revision)) ?? '',
      )
      if (shown) items.push(showRun(shown, fingerprint))
    }
    return { items }
  })
}

const keyOf = (testId: string | null, revision: number): string => `${testId} ${revision}`
