import { z } from 'zod'
import type * as contract from './contract.ts'
import { brokenReasons } from './contract.ts'
import type * as queries from './queries.ts'

export type TestRun = z.output<typeof contract.testRun>

// A word of a later release that this one reads: no verdict all the same.
const reason = z.enum(brokenReasons).catch('internal_error').nullable()

export function showRun(
  { run, presentRevision, startedBy }: queries.ShownRun,
  draftFingerprint: string,
): TestRun {
  return {
    id: run.id,
    agentId: run.agentId,
    testId: run.testId,
    testName: run.testName,
    testRevision: run.testRevision,
    state: run.state,
    reason: reason.parse(run.reason),
    detail: run.detail,
    isPresent: run.draftFingerprint === draftFingerprint && run.testRevision === presentRevision,
    callId: run.callId,
    queuedAt: run.queuedAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    startedBy,
  }
}
