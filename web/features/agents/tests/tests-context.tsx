'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { AgentTest } from './test-types.ts'
import type { TypedTest } from './typed-steps.ts'
import type { Runner } from './use-runner.ts'

/** What a person is about to do with a test, or with a new one. */
export type TestTask =
  | { what: 'create'; start?: TypedTest }
  | { what: 'edit'; test: AgentTest }
  | { what: 'duplicate'; test: AgentTest }
  | { what: 'delete'; test: AgentTest }

type Desk = {
  runner: Runner
  /** Shows a test, a run of it, or a run by itself; with neither the list of all. */
  open(place: { test?: string | null; run?: string | null }): void
  onTask(task: TestTask): void
}

const DeskContext = createContext<Desk | null>(null)

export const TestsProvider = (props: { value: Desk; children: ReactNode }) => (
  <DeskContext value={props.value}>{props.children}</DeskContext>
)

export function useTestDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new Error('useTestDesk needs a TestsProvider above it')
  return desk
}
