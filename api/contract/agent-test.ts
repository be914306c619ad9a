import { z } from 'zod'

/**
 * A test of an agent: a file of turns and expectations. Steps of the caller are done in order; an expectation stands
 * behind what it is about, and those of the whole call stand at the end. What was stored is parsed again when it is
 * read, so no part may become narrower.
 */

export const MAX_STEPS = 50 // a conversation of minutes; more is two tests
export const MAX_STEP_MS = 60_000 // the longest that one step may wait
const SHORTEST_MS = 100
const ANSWER_MS = 15_000 // an agent that used a slow tool first
const STOP_MS = 2_000 // what a caller takes for being listened to
const END_MS = 30_000 // a goodbye is heard out
const INTERRUPT_MS = 1_000
const LETTER = /[\p{L}\p{N}]/u

const withinMs = (usual: number) => z.int().min(SHORTEST_MS).max(MAX_STEP_MS).default(usual)
const line = z.string().trim().min(1).max(500).regex(LETTER, 'has nothing to say in it')
const words = z.string().trim().min(1).max(200).regex(LETTER, 'has no word in it')
const phrases = z.union([words, z.array(words).min(1).max(10)], {
  error: 'takes words, or a list of up to ten times words',
})

const kinds = {
  /** The caller, when its turn has come. */
  says: z.strictObject({ says: line }),
  /** The caller, that long after the agent began to speak. */
  interrupts: z.strictObject({ interrupts: line, afterMs: withinMs(INTERRUPT_MS) }),
  presses: z.strictObject({
    presses: z.string().regex(/^[0-9*#]{1,32}$/, 'takes 1 to 32 keys of 0-9, * and #'),
  }),
  waits: z.strictObject({ waits: z.int().min(SHORTEST_MS).max(MAX_STEP_MS) }),
  hangsUp: z.strictObject({ hangsUp: z.literal(true) }),
  /** Words the agent says after the caller's last step, each phrase as it stands but for case and punctuation. */
  agentSays: z.strictObject({ agentSays: phrases, withinMs: withinMs(ANSWER_MS) }),
  toolCalled: z.strictObject({
    toolCalled: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'takes the name of a tool'),
    withinMs: withinMs(ANSWER_MS),
  }),
  /** Milliseconds from the caller's last word to the agent's first sound. */
  gapAtMost: z.strictObject({ gapAtMost: z.int().min(1).max(MAX_STEP_MS) }),
  /** The interruption before it silenced the agent. */
  agentStops: z.strictObject({ agentStops: z.literal(true), withinMs: withinMs(STOP_MS) }),
  callEnds: z.strictObject({ callEnds: z.literal('agent'), withinMs: withinMs(END_MS) }),
  /** What was said, in this order; other turns may stand between. */
  transcript: z.strictObject({
    transcript: z
      .array(
        z.union([z.strictObject({ caller: words }), z.strictObject({ agent: words })], {
          error: 'must have caller or agent, with words that were said',
        }),
      )
      .min(1)
      .max(MAX_STEPS),
  }),
  chargeAtMost: z.strictObject({ chargeAtMost: z.int().min(0).max(1_000_000) }),
}

export type StepKind = keyof typeof kinds
export const stepKinds = Object.keys(kinds) as StepKind[]
export type CallerStepKind = (typeof callerStepKinds)[number]
export const callerStepKinds = ['says', 'interrupts', 'presses', 'waits', 'hangsUp'] as const
/** About the call as a whole: nothing but their like follows. */
export const wholeCallKinds = ['transcript', 'chargeAtMost'] as const

export const testStep = z.union(
  [
    kinds.says,
    kinds.interrupts,
    kinds.presses,
    kinds.waits,
    kinds.hangsUp,
    kinds.agentSays,
    kinds.toolCalled,
    kinds.gapAtMost,
    kinds.agentStops,
    kinds.callEnds,
    kinds.transcript,
    kinds.chargeAtMost,
  ],
  { error: ({ input }) => problemOf(input) },
)
export type TestStep = z.output<typeof testStep>

export const testSteps = z.array(testStep).min(1).max(MAX_STEPS).superRefine(refuseDisorder)

/** The file, as people keep and share it. */
export const agentTestFile = z.strictObject({
  name: z.string().trim().min(1).max(120),
  steps: testSteps,
})
export type AgentTestFile = z.output<typeof agentTestFile>

/** What a step is about: the one key that says so. */
export function stepKindOf(step: object): StepKind {
  const kind = kindIn(step)
  if (!kind) throw new Error('a step of a test says what it is')
  return kind
}

const kindIn = (step: object): StepKind | undefined => stepKinds.find((kind) => kind in step)

const isOneOf = (list: readonly StepKind[], kind: StepKind): boolean => list.includes(kind)

/** A union says only that nothing fits: what is wrong is told of the kind that was meant. */
function problemOf(input: unknown): string {
  const kind = typeof input === 'object' && input !== null ? kindIn(input) : undefined
  if (!kind) return `must have one of ${stepKinds.join(', ')}`
  const other = stepKinds.find((one) => one !== kind && one in Object(input))
  if (other) return `has both ${kind} and ${other}: a step is one thing`
  const [issue] = kinds[kind].safeParse(input).error?.issues ?? []
  if (!issue) return 'is not a step'
  const where = issue.path.join('.')
  return where ? `${where}: ${issue.message}` : issue.message
}

/** What is wrong with where a step stands; `params.fault` of an issue names it, for those who say it in other words. */
const disorders = {
  after_whole: 'stands behind transcript or chargeAtMost, which are about the whole call',
  after_end: 'stands behind the end of the call',
  needs_speech: 'needs something that the caller says first',
  needs_interruption: 'needs an interruption right before it',
} as const
export type StepDisorder = keyof typeof disorders

function refuseDisorder(steps: readonly TestStep[], ctx: z.RefinementCtx): void {
  let lastOfCaller: StepKind | undefined
  let isOver = false
  let isWhole = false
  for (const [index, step] of steps.entries()) {
    const kind = stepKindOf(step)
    const refuse = (fault: StepDisorder) =>
      ctx.addIssue({ code: 'custom', path: [index], message: disorders[fault], params: { fault } })
    if (isOneOf(wholeCallKinds, kind)) {
      isWhole = true
      continue
    }
    if (isWhole) refuse('after_whole')
    else if (isOver) refuse('after_end')
    if (kind === 'gapAtMost' && !lastOfCaller) refuse('needs_speech')
    if (kind === 'agentStops' && lastOfCaller !== 'interrupts') refuse('needs_interruption')
    if (kind === 'hangsUp' || kind === 'callEnds') isOver = true
    if (kind === 'says' || kind === 'interrupts') lastOfCaller = kind
  }
}
