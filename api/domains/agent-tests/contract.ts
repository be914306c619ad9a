import { z } from 'zod'
import { agentTestFile, stepKinds, testSteps } from '#api/contract/agent-test.ts'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

/** `broken`: it came to no verdict, and its reason says why. */
export const runStates = ['queued', 'running', 'passed', 'failed', 'broken'] as const

/** Why a run came to no verdict. */
export const brokenReasons = [
  'agent_gone',
  'agent_lost', // ElevenLabs did not take the conversation, or dropped it
  'call_lost', // the line to the gateway, or the gateway itself
  'draft_changed', // somebody saved while it ran
  'draft_incomplete',
  'ended_by_hand',
  'feature_off',
  'gateway_unreachable',
  'insufficient_funds', // none to begin with, or spent on the way
  'internal_error',
  'interrupted', // its worker died, twice
  'no_line_free',
  'organization_not_active',
  'refused_by_vendor',
  'speech_failed', // the caller's lines could not be spoken
  'test_deleted',
  'took_too_long',
] as const

/** Looked at after every call, whatever the test says. */
export const standingChecks = ['settled', 'chargeCorrect', 'ledgerBalanced'] as const
export const checks = [...stepKinds, ...standingChecks] as const

export const resultCodes = [
  'agent_silent', // nothing was said, or there was nothing to interrupt
  'answered_late',
  'call_over', // it had ended before the step could be done
  'charge_wrong',
  'cost_more',
  'ended_otherwise',
  'ledger_wrong',
  'not_called',
  'not_measured', // no answer that the gateway timed
  'not_said',
  'not_settled',
  'not_stopped',
  'said_late',
  'skipped', // a step before it had failed
  'still_running',
  'stopped_late',
] as const

const runState = z.enum(runStates)

export const stepResult = z.object({
  /** Which step of the run; null for what is looked at after every call. */
  step: z.int().nullable(),
  check: z.enum(checks),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** What was wrong; null where it passed. */
  code: z.enum(resultCodes).nullable(),
  /** What was seen in the place of what was expected: words that were said, tools, an end reason. Text, never markup. */
  seen: z.string().nullable(),
  /** What was measured: milliseconds, or cents where `check` is about money (null for roles without `wallet.read`). */
  measured: z.int().nullable(),
  /** Where in the call, on the timeline of its turns. */
  atMs: z.int().nullable(),
})

export const testRun = z.object({
  id: z.uuid(),
  agentId: z.uuid(),
  /** Null after the test was deleted. */
  testId: z.uuid().nullable(),
  /** As the test was when the run was asked for. */
  testName: z.string(),
  testRevision: z.int(),
  state: runState,
  reason: z.enum(brokenReasons).nullable(),
  /** A vendor's own words to the reason: text, never markup. */
  detail: z.string().nullable(),
  /** Whether it ran on the draft as it stands now, and on the test as it stands now. */
  isPresent: z.boolean(),
  callId: z.uuid().nullable(),
  queuedAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  /** Null where a program started it, or somebody who left. */
  startedBy: z.string().nullable(),
})

export const testRunDetail = testRun.extend({
  steps: testSteps,
  /** One for each step and one for each standing check; empty before the end. */
  results: z.array(stepResult),
  /** Of the call; null while there is none, and for roles without `wallet.read`. */
  costCents: z.int().nullable(),
})

export const agentTest = z.object({
  id: z.uuid(),
  agentId: z.uuid(),
  name: z.string(),
  steps: testSteps,
  /** Goes up with each change; a change names the one it is based on. */
  revision: z.int(),
  /** What the present test said of the present draft: `not_run` where nobody tried, or both ran only in other words. */
  verdict: z.enum([...runStates, 'not_run']),
  /** The newest run of the present test on the present draft. */
  lastRun: testRun.nullable(),
  createdAt: instant,
  updatedAt: instant,
  updatedBy: z.string().nullable(),
})

const ofAgent = z.strictObject({ agentId: z.uuid() })
const ofTest = ofAgent.extend({ testId: z.uuid() })
const revision = z.int().min(1).max(2_147_483_647)
const agentResource = { agentId: 'agent' }
const testResources = { agentId: 'agent', testId: 'agent-test' }

export const listAgentTests = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/tests',
  permission: 'agents.read',
  summary: 'The tests of an agent, newest first, each with its verdict on the present draft',
  params: ofAgent,
  query: pageQuery,
  response: pageOf(agentTest),
  resources: agentResource,
})

export const createAgentTest = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/tests',
  permission: 'agents.write',
  summary: 'Adds a test; a name is taken once for each agent',
  idempotent: true,
  status: 201,
  params: ofAgent,
  body: agentTestFile,
  response: agentTest,
  resources: agentResource,
})

export const getAgentTest = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/tests/:testId',
  permission: 'agents.read',
  summary: 'One test of an agent',
  params: ofTest,
  response: agentTest,
  resources: testResources,
})

export const replaceAgentTest = endpoint({
  method: 'PATCH',
  path: '/v1/agents/:agentId/tests/:testId',
  permission: 'agents.write',
  summary: 'Saves the whole test; refused where somebody saved in between',
  params: ofTest,
  body: agentTestFile.extend({ expectedRevision: revision }),
  response: agentTest,
  resources: testResources,
})

export const deleteAgentTest = endpoint({
  method: 'DELETE',
  path: '/v1/agents/:agentId/tests/:testId',
  permission: 'agents.write',
  summary: 'Takes a test away; its runs are kept',
  status: 204,
  params: ofTest,
  response: z.void(),
  resources: testResources,
})

export const startTestRuns = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/test-runs',
  permission: 'agents.write',
  idempotent: true,
  limit: 'call-start',
  feature: 'agent_calls',
  summary: 'Tries the draft by these tests, or by all of them: a real call each, one after another',
  status: 202,
  params: ofAgent,
  body: z.strictObject({
    /** All of the agent's tests where absent. One that waits already is not run twice. */
    testIds: z.array(z.uuid()).min(1).max(50).optional(),
  }),
  response: z.object({ items: z.array(testRun) }),
  resources: { agentId: 'agent', testIds: 'agent-test' },
})

export const listTestRuns = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/test-runs',
  permission: 'agents.read',
  summary: 'Runs of an agent’s tests, or of one of them, newest first',
  params: ofAgent,
  query: pageQuery.extend({ testId: z.uuid().optional() }),
  response: pageOf(testRun),
  resources: testResources,
})

export const getTestRun = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/test-runs/:runId',
  permission: 'agents.read',
  summary: 'One run: each step with what was seen, and the call it was',
  params: ofAgent.extend({ runId: z.uuid() }),
  response: testRunDetail,
  resources: { agentId: 'agent', runId: 'agent-test-run' },
})

export const endTestRun = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/test-runs/:runId/end',
  permission: 'agents.write',
  summary: 'Ends a run by hand: one that waits is not run, the call of one that runs is cut',
  status: 202,
  params: ofAgent.extend({ runId: z.uuid() }),
  response: testRun,
  resources: { agentId: 'agent', runId: 'agent-test-run' },
})
