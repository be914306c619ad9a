import type { AgentDraft } from './agent-types.ts'

export const tabKeys = [
  'prompt',
  'voice',
  'knowledge',
  'tools',
  'analysis',
  'behaviour',
  'tests',
  'numbers',
  'history',
] as const
export type TabKey = (typeof tabKeys)[number]

/** Where each part of a draft is edited. */
const tabOfPart: Record<keyof AgentDraft, TabKey> = {
  prompt: 'prompt',
  firstMessage: 'prompt',
  variables: 'prompt',
  language: 'prompt',
  voiceId: 'voice',
  documentIds: 'knowledge',
  tools: 'tools',
  dataCollection: 'analysis',
  criteria: 'analysis',
  llm: 'behaviour',
  temperature: 'behaviour',
  turn: 'behaviour',
  isInterruptible: 'behaviour',
  maxDurationSeconds: 'behaviour',
}

export const draftParts = Object.keys(tabOfPart) as (keyof AgentDraft)[]

/** The tab of a place in the draft, such as `tools.webhooks.0.url`; null for what is none. */
export function tabOf(path: string): TabKey | null {
  const part = draftParts.find((each) => each === path.split('.')[0])
  return part ? tabOfPart[part] : null
}

/** How many faults each tab holds, from the form's own tree of errors. */
export function faultsByTab(errors: object | undefined): ReadonlyMap<TabKey, number> {
  const counts = new Map<TabKey, number>()
  for (const path of faultPaths(errors)) {
    const tab = tabOf(path)
    if (tab) counts.set(tab, (counts.get(tab) ?? 0) + 1)
  }
  return counts
}

/** Where something is wrong, in the order of the tabs. */
export function faultPaths(errors: object | undefined): string[] {
  const order = (path: string) => tabKeys.indexOf(tabOf(path) ?? 'history')
  return pathsIn(errors).sort((one, other) => order(one) - order(other))
}

function pathsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  // A fault carries its words; a list or an object of faults only their places.
  if ('message' in value && typeof value.message === 'string') return [path]
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'ref' ? [] : pathsIn(part, path === '' ? name : `${path}.${name}`),
  )
}
