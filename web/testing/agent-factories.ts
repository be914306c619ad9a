import type { z } from 'zod'
import type { agent, agentVersion, getAgent, voice } from '#contracts/agents'
import { anId } from './factories.ts'

// What the API writes on the wire: the encoded side of each contract.
type AgentWire = z.input<typeof agent>
export type DetailWire = z.input<typeof getAgent.response>
type VersionWire = z.input<typeof agentVersion>
type VoiceWire = z.input<typeof voice>

export const anAgent = (over: Partial<AgentWire> = {}): AgentWire => ({
  id: anId(700),
  name: 'Front desk',
  language: 'en',
  voiceId: 'voice-eric',
  maxDurationSeconds: 3_600,
  publishedVersion: 3,
  hasUnpublishedChanges: false,
  syncState: 'in_sync',
  elevenLabsAgentId: 'agent_0123456789',
  numbers: [{ id: anId(720), e164: '+15005550006', label: 'Main line' }],
  callsLast7Days: 41,
  createdAt: '2026-11-18T09:00:00.000Z',
  ...over,
})

/** The agent who answers `aNumber()`, as a list has it. */
export const aReception = (over: Partial<AgentWire> = {}): AgentWire =>
  anAgent({ id: anId(650), name: 'Reception', numbers: [], ...over })

export const aVersion = (over: Partial<VersionWire> = {}): VersionWire => ({
  number: 3,
  note: 'Opening hours of December',
  restoredFrom: null,
  publishedAt: '2026-11-20T15:00:00.000Z',
  publishedBy: 'Ana Morales',
  ...over,
})

export const aDraft = (over: Partial<DetailWire['draft']> = {}): DetailWire['draft'] => ({
  prompt: 'You answer for Northwind Dental.\nBe brief.\nOffer {{offer}}.',
  firstMessage: 'Northwind Dental, how can I help?',
  variables: [{ name: 'offer', default: 'a cleaning' }],
  language: 'en',
  voiceId: 'voice-eric',
  llm: 'gemini-2.5-flash',
  temperature: 0,
  turn: { timeoutSeconds: 7, eagerness: 'normal' },
  isInterruptible: true,
  tools: {
    endCall: true,
    keypad: false,
    transfers: [],
    webhooks: [
      {
        name: 'find_slot',
        description: 'Finds a free appointment.',
        url: 'https://hooks.northwind.test/slots',
        method: 'POST',
        timeoutSeconds: 20,
        parameters: [
          {
            name: 'day',
            type: 'string',
            required: true,
            value: { from: 'conversation', description: 'The day the caller asks for' },
          },
        ],
      },
    ],
  },
  documentIds: [anId(500)],
  dataCollection: [],
  criteria: [],
  maxDurationSeconds: 3_600,
  ...over,
})

/** An agent as its editor shows it: published, in sync, its draft the same. */
export const anAgentDetail = (over: Partial<DetailWire> = {}): DetailWire => {
  const syncState = over.syncState ?? 'in_sync'
  return {
    ...anAgent(),
    draft: aDraft(),
    draftRevision: 7,
    draftSavedAt: '2026-11-20T14:55:00.000Z',
    draftSavedBy: 'Ana Morales',
    draftProblems: [],
    publishNeedsTests: false,
    testCount: 0,
    unpassedTestCount: 0,
    published: aVersion(),
    documents: [{ id: anId(500), title: 'Price list 2026', state: 'ready' }],
    sync: {
      state: syncState,
      pushedVersion: 3,
      checkedAt: '2026-11-20T15:00:03.000Z',
      error: null,
      drift: null,
    },
    ...over,
  }
}

export const aVoice = (over: Partial<VoiceWire> = {}): VoiceWire => ({
  voiceId: 'voice-eric',
  name: 'Eric',
  description: 'Clear and even.',
  language: 'en',
  accent: 'british',
  gender: 'male',
  age: 'middle_aged',
  useCase: 'conversational',
  hasSample: true,
  ...over,
})
