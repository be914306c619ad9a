import { z } from 'zod'
import { testSteps } from '#api/contract/agent-test.ts'
import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import { pageOfRows, readCursor } from '#api/core/cursor.ts'
import { notFound } from '#api/core/errors.ts'
import { readDraft } from '#api/domains/agents/service.ts'
import { seesMoney } from '#api/domains/calls/service.ts'
import * as contract from '../contract.ts'
import * as queries from '../queries.ts'
import { showRun, type TestRun } from '../show.ts'
import { findCharge } from './queries.ts'

export type TestRunDetail = z.output<typeof contract.testRunDetail>

const stepResults = z.array(contract.stepResult)
const AMOUNTS = ['chargeAtMost', 'chargeCorrect', 'ledgerBalanced']

export async function listTestRuns(
  ctx: Context,
  agentId: string,
  { cursor, limit, testId }: Received<typeof contract.listTestRuns>['query'],
): Promise<{ items: TestRun[]; nextCursor: string | null }> {
  const organizationId = tenantOf(ctx)
  const before = readCursor(cursor)
  const { fingerprint } = await readDraft(ctx, agentId)
  const rows = await read(ctx, async (db) => {
    if (testId && !(await queries.findTest(db, organizationId, agentId, testId)))
      throw notFound('test')
    return queries.listRuns(db, organizationId, agentId, { before, limit: limit + 1, testId })
  })
  const page = pageOfRows(rows, limit, ({ run }) => ({ at: run.queuedAt, id: run.id }))
  return { ...page, items: page.items.map((row) => showRun(row, fingerprint)) }
}

export async function getTestRun(
  ctx: Context,
  agentId: string,
  runId: string,
): Promise<TestRunDetail> {
  const organizationId = tenantOf(ctx)
  const { fingerprint } = await readDraft(ctx, agentId)
  const found = await read(ctx, (db) => queries.findRun(db, organizationId, agentId, runId))
  if (!found) throw notFound('run')
  const { callId } = found.run
  const charge = callId && (await read(ctx, (db) => findCharge(db, organizationId, callId)))
  const showsMoney = seesMoney(ctx)
  const results = stepResults.parse(found.run.results)
  return {
    ...showRun(found, fingerprint),
    steps: testSteps.parse(found.run.steps),
    results: results.map((result) =>
      showsMoney || !AMOUNTS.includes(result.check) ? result : { ...result, measured: null },
    ),
    costCents: showsMoney && charge ? charge.costCents : null,
  }
}
