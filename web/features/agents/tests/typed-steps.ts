import { z } from 'zod'
import {
  agentTestFile,
  MAX_STEPS,
  type StepDisorder,
  type StepKind,
  stepKindOf,
  stepKinds,
  type TestStep,
  testStep,
  testSteps,
} from '#api/contract/agent-test.ts'
import type { Issue } from '../../../lib/issue-text.ts'

const typedStep = z.object({
  kind: z.enum(stepKinds),
  /** What is said, pressed or called; of what the agent says a phrase a line. */
  text: z.string(),
  /** Milliseconds, or cents of the charge; not a number while the field is empty. */
  number: z.number().or(z.nan()),
  lines: z.array(z.object({ speaker: z.enum(['caller', 'agent']), words: z.string() })),
})

/** A step under the hands of a person: what was typed is kept while its kind changes. */
export type TypedStep = z.infer<typeof typedStep>
export type TypedTest = { name: string; steps: TypedStep[] }
/** A step as a file or a request carries it, what is usual left out or not. */
export type WrittenStep = z.input<typeof testStep>

/** What is wrong with a step, and in which of its fields; none where it is about where the step stands. */
export type StepFault = {
  place: number
  field: 'text' | 'number' | `lines.${number}.words` | null
  kind: StepKind
  /** Which line of a text of several, from 1. */
  line: number | null
  issue: Issue & { message: string }
}

type Milliseconds = 'afterMs' | 'withinMs'
const millisecondsOf: Partial<Record<StepKind, Milliseconds>> = {
  interrupts: 'afterMs',
  agentSays: 'withinMs',
  toolCalled: 'withinMs',
  agentStops: 'withinMs',
  callEnds: 'withinMs',
}
const STARTING: Partial<Record<StepKind, number>> = {
  waits: 1_000,
  gapAtMost: 2_000,
  chargeAtMost: 10,
}

export const blankStep = (kind: StepKind): TypedStep => ({
  kind,
  text: '',
  number: usualNumber(kind),
  lines: [{ speaker: 'agent', words: '' }],
})

/** The number a step of this kind has where its writer named none. */
export function usualNumber(kind: StepKind): number {
  const schemas: Record<string, z.ZodType> = schemaOf(kind).shape
  const usual = schemas[millisecondsOf[kind] ?? '']?.parse(undefined)
  return typeof usual === 'number' ? usual : (STARTING[kind] ?? 0)
}

export function writtenStep({ kind, text, number, lines }: TypedStep): WrittenStep {
  switch (kind) {
    case 'says':
      return { says: text }
    case 'interrupts':
      return { interrupts: text, afterMs: number }
    case 'presses':
      return { presses: text.trim() }
    case 'waits':
      return { waits: number }
    case 'hangsUp':
      return { hangsUp: true }
    case 'agentSays':
      return { agentSays: phrasesIn(text), withinMs: number }
    case 'toolCalled':
      return { toolCalled: text.trim(), withinMs: number }
    case 'gapAtMost':
      return { gapAtMost: number }
    case 'agentStops':
      return { agentStops: true, withinMs: number }
    case 'callEnds':
      return { callEnds: 'agent', withinMs: number }
    case 'transcript':
      return {
        transcript: lines.map(({ speaker, words }) =>
          speaker === 'caller' ? { caller: words } : { agent: words },
        ),
      }
    case 'chargeAtMost':
      return { chargeAtMost: number }
  }
}

export function typedOf(step: TestStep): TypedStep {
  const blank = blankStep(stepKindOf(step))
  if ('says' in step) return { ...blank, text: step.says }
  if ('interrupts' in step) return { ...blank, text: step.interrupts, number: step.afterMs }
  if ('presses' in step) return { ...blank, text: step.presses }
  if ('waits' in step) return { ...blank, number: step.waits }
  if ('agentSays' in step) {
    return { ...blank, text: [step.agentSays].flat().join('\n'), number: step.withinMs }
  }
  if ('toolCalled' in step) return { ...blank, text: step.toolCalled, number: step.withinMs }
  if ('gapAtMost' in step) return { ...blank, number: step.gapAtMost }
  if ('agentStops' in step || 'callEnds' in step) return { ...blank, number: step.withinMs }
  if ('transcript' in step) return { ...blank, lines: step.transcript.map(lineOf) }
  if ('chargeAtMost' in step) return { ...blank, number: step.chargeAtMost }
  return blank
}

export const typedTest = (test: { name: string; steps: readonly TestStep[] }): TypedTest => ({
  name: test.name,
  steps: test.steps.map(typedOf),
})

export const writtenTest = ({ name, steps }: TypedTest) => ({
  name,
  steps: steps.map(writtenStep),
})

/** The API's own rules over what was typed, `say` putting a fault into words. */
export const typedTestSchema = (say: (fault: StepFault) => string): z.ZodType<unknown, TypedTest> =>
  z
    .object({
      name: agentTestFile.shape.name,
      steps: z.array(typedStep).min(1).max(MAX_STEPS),
    })
    .superRefine(({ steps }, ctx) => {
      for (const fault of faultsOf(steps)) {
        const field = fault.field?.split('.').map(numberIfAny) ?? []
        ctx.addIssue({
          code: 'custom',
          path: ['steps', fault.place, ...field],
          message: say(fault),
        })
      }
    })

/** What is wrong with each step by itself; where nothing is, with the order they stand in. */
export function faultsOf(steps: readonly TypedStep[]): StepFault[] {
  const alone = steps.flatMap((step, place) => faultsOfOne(step, place))
  if (alone.length > 0) return alone
  const { error } = testSteps.safeParse(steps.map(writtenStep))
  return (error?.issues ?? []).flatMap((issue) => {
    const place = Number(issue.path[0])
    const step = steps[place]
    return step ? [{ place, field: null, kind: step.kind, line: null, issue }] : []
  })
}

/** The name of a disorder, for those who say it in other words. */
export function disorderOf(issue: object): StepDisorder | undefined {
  const params = 'params' in issue ? issue.params : undefined
  const fault = typeof params === 'object' && params && 'fault' in params ? params.fault : undefined
  return disorders.find((each) => each === fault)
}
const disorders: readonly StepDisorder[] = [
  'after_whole',
  'after_end',
  'needs_speech',
  'needs_interruption',
]

/** The rules of one kind of step, out of the union of all. */
export function schemaOf(kind: StepKind): z.ZodObject {
  const found = testStep.options.find((option) => kind in option.shape)
  if (!found) throw new Error(`no step is a ${kind}`)
  return found
}

function faultsOfOne(step: TypedStep, place: number): StepFault[] {
  const { kind } = step
  // Issues carry what was given only to whoever words them.
  const { error } = schemaOf(kind).safeParse(writtenStep(step), { reportInput: true })
  return (error?.issues ?? []).map((issue) => {
    const index = issue.path[1]
    const isLine = kind === 'agentSays' && typeof index === 'number'
    const line = isLine ? lineNumber(step.text, index) : null
    return { place, field: fieldOf(kind, issue.path), kind, line, issue }
  })
}

const WITH_TEXT: readonly StepKind[] = ['says', 'interrupts', 'presses', 'agentSays', 'toolCalled']

function fieldOf(kind: StepKind, path: readonly PropertyKey[]): StepFault['field'] {
  const [name, index] = path
  if (kind === 'transcript') return typeof index === 'number' ? `lines.${index}.words` : null
  if (name === millisecondsOf[kind]) return 'number'
  return WITH_TEXT.includes(kind) ? 'text' : 'number'
}

const lineOf = (line: { caller: string } | { agent: string }): TypedStep['lines'][number] =>
  'caller' in line
    ? { speaker: 'caller', words: line.caller }
    : { speaker: 'agent', words: line.agent }

function phrasesIn(text: string): string | string[] {
  const phrases = text.split('\n').filter((line) => line.trim() !== '')
  return phrases.length > 1 ? phrases : (phrases[0] ?? '')
}

/** Where a phrase stands in what was typed, empty lines counted. */
function lineNumber(text: string, phrase: number): number {
  const numbers = text.split('\n').flatMap((line, place) => (line.trim() === '' ? [] : [place + 1]))
  return numbers[phrase] ?? phrase + 1
}

const numberIfAny = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part)
