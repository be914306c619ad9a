import type { z } from 'zod'
import type { Answer } from '#api/contract/endpoint.ts'
import type { agentTest, getTestRun, stepResult, testRun } from '#contracts/agent-tests'

export type AgentTest = z.output<typeof agentTest>
export type TestRun = z.output<typeof testRun>
export type TestRunDetail = Answer<typeof getTestRun>
export type StepResult = z.output<typeof stepResult>
export type Verdict = AgentTest['verdict']

export const isUnfinished = (state: Verdict): boolean => state === 'queued' || state === 'running'
