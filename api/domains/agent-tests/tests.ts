import { randomUUIDv7 } from 'node:crypto'
import type { z } from 'zod'
import { type AgentTestFile, testSteps } from '#api/contract/agent-test.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, read, tenantOf, userIdOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as queries from './queries.ts'
import { showRun } from './show.ts'

export type AgentTest = z.output<typeof contract.agentTest>

const MAX_TESTS = 50 // a publication waits for all of them, minutes of talk each

export async function listAgentTests(
  ctx: Context,
  agentId: string,
  { cursor, limit }: Received<typeof contract.listAgentTests>['query'],
): Promise<{ items: AgentTest[]; nextCursor: string | null }> {
  const before = readCursor(cursor)
  const { fingerprint } = await readDraft(ctx, agentId)
  const rows = await read(ctx, (db) =>
    queries.listTests(db, tenantOf(ctx), agentId, { before, limit: limit + 1 }),
  )
  const page = pageOfRows(rows, limit, ({ test }) => ({ at: test.createdAt, id: test.id }))
  return { ...page, items: await showTests(ctx, page.items, fingerprint) }
}

export async function getAgentTest(ctx: Context, agentId: string, id: string): Promise<AgentTest> {
  const { fingerprint } = await readDraft(ctx, agentId)
  const found = await read(ctx, (db) => queries.findTest(db, tenantOf(ctx), agentId, id))
  const [shown] = found ? await showTests(ctx, [found], fingerprint) : []
  if (!shown) throw notFound('test')
  return shown
}

export function createAgentTest(
  ctx: Context,
  agentId: string,
  { name, steps }: AgentTestFile,
): Promise<AgentTest> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    await readDraft(tx, agentId)
    await queries.lockTests(tx.db, organizationId, agentId)
    if ((await queries.countTests(tx.db, organizationId, agentId)) >= MAX_TESTS)
      throw errors.tooMany(MAX_TESTS)
    if (await queries.isNameTaken(tx.db, organizationId, agentId, name)) throw errors.nameTaken()
    const id = randomUUIDv7()
    const userId = userIdOf(tx)
    const now = tx.now()
    await queries.insertTest(tx.db, {
      organizationId,
      id,
      agentId,
      name,
      steps,
      createdAt: now,
      createdByUserId: userId,
      updatedAt: now,
      updatedByUserId: userId,
    })
    await recordAudit(tx, { action: 'agent-tests.create', subject: id, after: { agentId } })
    return getAgentTest(tx, agentId, id)
  })
}

/** What was passed before counts no more: it was another test. */
export function replaceAgentTest(
  ctx: Context,
  agentId: string,
  id: string,
  asked: AgentTestFile & { expectedRevision: number },
): Promise<AgentTest> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const { name, steps, expectedRevision } = asked
    await readDraft(tx, agentId)
    await queries.lockTests(tx.db, organizationId, agentId)
    if (!(await queries.findTest(tx.db, organizationId, agentId, id))) throw notFound('test')
    if (await queries.isNameTaken(tx.db, organizationId, agentId, name, id))
      throw errors.nameTaken()
    const changed = await queries.replaceTest(
      tx.db,
      { organizationId, agentId, id, revision: expectedRevision },
      { name, steps, updatedAt: tx.now(), updatedByUserId: userIdOf(tx) },
    )
    if (!changed) throw errors.changedElsewhere()
    await queries.renewQueued(tx.db, changed)
    await recordAudit(tx, {
      action: 'agent-tests.replace',
      subject: id,
      after: { agentId, revision: changed.revision },
    })
    return getAgentTest(tx, agentId, id)
  })
}

export function deleteAgentTest(ctx: Context, agentId: string, id: string): Promise<void> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    await readDraft(tx, agentId)
    await queries.lockTests(tx.db, organizationId, agentId)
    if (!(await queries.findTest(tx.db, organizationId, agentId, id))) throw notFound('test')
    await queries.letGoOfRuns(tx.db, organizationId, id, tx.now())
    await queries.deleteTest(tx.db, organizationId, agentId, id)
    await recordAudit(tx, { action: 'agent-tests.delete', subject: id, after: { agentId } })
  })
}

async function showTests(
  ctx: Context,
  rows: readonly queries.ShownTest[],
  fingerprint: string,
): Promise<AgentTest[]> {
  const ids = rows.map(({ test }) => test.id)
  const runs = await read(ctx, (db) => queries.listLastRuns(db, tenantOf(ctx), ids, fingerprint))
  const lastRuns = new Map(runs.map((shown) => [shown.run.testId, shown]))
  return rows.map(({ test, updatedBy }) => {
    const last = lastRuns.get(test.id)
    return {
      id: test.id,
      agentId: test.agentId,
      name: test.name,
      steps: testSteps.parse(test.steps),
      revision: test.revision,
      verdict: last?.run.state ?? 'not_run',
      lastRun: last ? showRun(last, fingerprint) : null,
      createdAt: test.createdAt,
      updatedAt: test.updatedAt,
      updatedBy,
    }
  })
}
