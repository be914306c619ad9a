import {
  callerStepKinds,
  type StepKind,
  stepKinds,
  wholeCallKinds,
} from '#api/contract/agent-test.ts'

const isIn = (kinds: readonly StepKind[], kind: StepKind): boolean => kinds.includes(kind)

/** Whom a step is about. */
export function actorOf(kind: StepKind): 'caller' | 'agent' | 'call' {
  if (isIn(callerStepKinds, kind)) return 'caller'
  return isIn(wholeCallKinds, kind) ? 'call' : 'agent'
}

/** The kinds under whom they are about, in the order of the contract. */
export const kindsByActor = (['caller', 'agent', 'call'] as const).map((actor) => ({
  actor,
  kinds: stepKinds.filter((kind) => actorOf(kind) === actor),
}))
