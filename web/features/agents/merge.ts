import { hashKey } from '@tanstack/react-query'
import type { z } from 'zod'
import type { agentSpec } from '#api/contract/agent-spec.ts'
import type { AgentDraft } from './agent-types.ts'
import { draftParts } from './editor-tabs.ts'

/** What a form holds: a draft in which defaults may be left out. */
export type TypedDraft = z.input<typeof agentSpec>

/** The parts in which two states of a draft differ, in whatever order their keys stand. */
export const changedParts = (before: TypedDraft, after: TypedDraft): (keyof AgentDraft)[] =>
  draftParts.filter((part) => hashKey([before[part]]) !== hashKey([after[part]]))

/** Two people's changes to the same draft in one; null where both changed the same part. */
export function mergeDrafts(
  base: TypedDraft,
  theirs: AgentDraft,
  mine: TypedDraft,
): TypedDraft | null {
  const changedByMe = changedParts(base, mine)
  const changedByThem = new Set(changedParts(base, theirs))
  if (changedByMe.some((part) => changedByThem.has(part))) return null
  return { ...theirs, ...Object.fromEntries(changedByMe.map((part) => [part, mine[part]])) }
}
