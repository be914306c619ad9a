import { type AgentDraft, agentSpec, type WebhookTool } from '#api/contract/agent-spec.ts'
import type { HeldAgent } from '#api/core/vendors.ts'

type Known = {
  /** Our document for each of ElevenLabs' ids. */
  documents: ReadonlyMap<string | null, string>
  tools: ReadonlyMap<string, WebhookTool>
}

/** What ElevenLabs holds as a spec of ours. What cannot be said in one stays as it was. */
export function specFromHeld(ours: AgentDraft, held: HeldAgent, known: Known): AgentDraft {
  const theirs = {
    prompt: held.prompt,
    firstMessage: held.firstMessage,
    variables: Object.entries(held.variables).map(([name, value]) => ({ name, default: value })),
    language: held.language,
    voiceId: held.voiceId,
    llm: held.llm,
    temperature: held.temperature,
    turn: { timeoutSeconds: held.turnTimeoutSeconds, eagerness: held.turnEagerness },
    isInterruptible: held.isInterruptible,
    tools: {
      endCall: held.endCall,
      keypad: held.keypad,
      transfers: held.transfers,
      webhooks: held.toolIds.flatMap((id) => known.tools.get(id) ?? []),
    },
    documentIds: held.documentIds.flatMap((id) => known.documents.get(id) ?? []),
    dataCollection: held.dataCollection,
    criteria: held.criteria,
    maxDurationSeconds: held.maxDurationSeconds,
  } satisfies Record<keyof AgentDraft, unknown>
  const sayable = Object.entries(theirs).filter(
    ([name, value]) => partOf(name)?.safeParse(value).success,
  )
  return agentSpec.parse({ ...ours, ...Object.fromEntries(sayable) })
}

const partOf = (name: string) => Object.entries(agentSpec.shape).find(([key]) => key === name)?.[1]
