import {
  type AgentTestFile,
  agentTestFile,
  type StepKind,
  stepKinds,
} from '#api/contract/agent-test.ts'
import type { Issue } from '../../../lib/issue-text.ts'
import { schemaOf } from './typed-steps.ts'

export const MOST_BYTES = 1_000_000 // fifty steps of the longest kind take a tenth of it

/** What is wrong with a file; `place` is null where it is no step's fault. */
export type FileFault = {
  place: number | null
  /** Where within the step, or within the file. */
  field: string
  kind: StepKind | null
  issue: Issue & { message: string }
}

export type ReadFile =
  | { is: 'test'; test: AgentTestFile }
  | { is: 'faulty'; faults: FileFault[]; steps: readonly unknown[] }
  | { is: 'too_large' }
  | { is: 'unreadable' }
  | { is: 'not_json'; why: string }

/** A test out of a file a person chose. */
export async function readTestFile(file: File): Promise<ReadFile> {
  if (file.size > MOST_BYTES) return { is: 'too_large' }
  let text: string
  try {
    text = await file.text()
  } catch {
    // It was moved or locked since it was chosen.
    return { is: 'unreadable' }
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    return { is: 'not_json', why: error instanceof Error ? error.message : '' }
  }
  return readTest(content)
}

export function readTest(content: unknown): ReadFile {
  const { data, error } = agentTestFile.safeParse(content, { reportInput: true })
  if (data) return { is: 'test', test: data }
  const steps = stepsIn(content)
  const faults = error.issues.flatMap((issue): FileFault[] => {
    const [part, place] = issue.path
    if (part !== 'steps' || typeof place !== 'number')
      return [{ place: null, field: issue.path.join('.'), kind: null, issue }]
    const kind = kindOf(steps[place])
    const own = kind ? faultsInside(kind, steps[place], place) : []
    return own.length > 0 ? own : [{ place, field: '', kind, issue }]
  })
  return { is: 'faulty', faults, steps }
}

/** The file of a test: what this page reads again, and the API takes as it is. */
export const fileOf = ({ name, steps }: AgentTestFile): { name: string; content: Blob } => ({
  name: `${slugOf(name) || 'test'}.agent-test.json`,
  content: new Blob([`${JSON.stringify({ name, steps }, null, 2)}\n`], {
    type: 'application/json',
  }),
})

function faultsInside(kind: StepKind, step: unknown, place: number): FileFault[] {
  const { error } = schemaOf(kind).safeParse(step, { reportInput: true })
  return (error?.issues ?? []).map((issue) => ({
    place,
    field: issue.path.join('.'),
    kind,
    issue,
  }))
}

/** The kind a step was meant to be; null where it is none, or two. */
function kindOf(step: unknown): StepKind | null {
  if (typeof step !== 'object' || step === null) return null
  const kinds = stepKinds.filter((kind) => kind in step)
  return kinds.length === 1 ? (kinds[0] ?? null) : null
}

function stepsIn(content: unknown): readonly unknown[] {
  if (typeof content !== 'object' || content === null || !('steps' in content)) return []
  return Array.isArray(content.steps) ? content.steps : []
}

const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
