import type { z } from 'zod'
import type { agentTest, getTestRun, stepResult, testRun } from '#contracts/agent-tests'
import { anId } from './factories.ts'

// What the API writes on the wire: the encoded side of each contract.
export type TestWire = z.input<typeof agentTest>
export type RunWire = z.input<typeof testRun>
export type RunDetailWire = z.input<typeof getTestRun.response>
type ResultWire = z.input<typeof stepResult>

export const aTestRun = (over: Partial<RunWire> = {}): RunWire => ({
  id: anId(760),
  agentId: anId(700),
  testId: anId(750),
  testName: 'Opening hours',
  testRevision: 2,
  state: 'passed',
  reason: null,
  detail: null,
  isPresent: true,
  callId: anId(1),
  queuedAt: '2026-11-20T15:00:00.000Z',
  startedAt: '2026-11-20T15:00:01.000Z',
  finishedAt: '2026-11-20T15:00:22.000Z',
  startedBy: 'Ana Morales',
  ...over,
})

/** A test whose verdict is that of its last run, if it has one. */
export const anAgentTest = (over: Partial<TestWire> = {}): TestWire => {
  const lastRun = over.lastRun === undefined ? aTestRun() : over.lastRun
  return {
    id: anId(750),
    agentId: anId(700),
    name: 'Opening hours',
    steps: [
      { agentSays: 'how can I help', withinMs: 15_000 },
      { says: 'When are you open?' },
      { agentSays: ['nine to five', 'Monday'], withinMs: 10_000 },
      { gapAtMost: 2_000 },
      { chargeAtMost: 25 },
    ],
    revision: 2,
    verdict: lastRun?.state ?? 'not_run',
    lastRun,
    createdAt: '2026-11-18T09:00:00.000Z',
    updatedAt: '2026-11-19T09:00:00.000Z',
    updatedBy: 'Ana Morales',
    ...over,
  }
}

export const aResult = (over: Partial<ResultWire> = {}): ResultWire => ({
  step: 0,
  check: 'agentSays',
  outcome: 'passed',
  code: null,
  seen: null,
  measured: null,
  atMs: 800,
  ...over,
})

/** What a run saw: everything passed. */
export const aRunDetail = (over: Partial<RunDetailWire> = {}): RunDetailWire => ({
  ...aTestRun(),
  steps: anAgentTest().steps,
  results: [
    aResult({ seen: 'Northwind Dental, how can I help?' }),
    aResult({ step: 1, check: 'says', atMs: 3_200 }),
    aResult({ step: 2, seen: 'We are open Monday to Friday, nine to five.', atMs: 6_100 }),
    aResult({ step: 3, check: 'gapAtMost', measured: 840, atMs: 6_100 }),
    aResult({ step: 4, check: 'chargeAtMost', measured: 9, atMs: null }),
    aResult({ step: null, check: 'settled', atMs: null }),
    aResult({ step: null, check: 'chargeCorrect', measured: 9, atMs: null }),
    aResult({ step: null, check: 'ledgerBalanced', atMs: null }),
  ],
  costCents: 9,
  ...over,
})
