import { z } from 'zod'
import { agentSpec, webhookTool } from '#api/contract/agent-spec.ts'
import { endpoint } from '#api/contract/endpoint.ts'
import { instant } from '#api/contract/instant.ts'
import { pageOf, pageQuery } from '#api/contract/page.ts'

/**
 * Whether ElevenLabs holds the published version. `drifted`: somebody changed it there; `failed`: it was
 * refused there, in ElevenLabs' own words.
 */
export const syncStates = ['unpublished', 'pending', 'in_sync', 'drifted', 'failed'] as const

const MAX_NUMBER = 1_000_000 // versions of one agent; a bound for the wire
const name = z.string().trim().min(1).max(120)
const note = z.string().trim().max(300)
const versionNumber = z.coerce.number().int().min(1).max(MAX_NUMBER)
const revision = z.int().min(1).max(2_147_483_647)

export const agent = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Language, voice and length are the published version's; the draft's until there is one. */
  language: z.string(),
  voiceId: z.string(),
  maxDurationSeconds: z.int(),
  publishedVersion: z.int().nullable(),
  hasUnpublishedChanges: z.boolean(),
  syncState: z.enum(syncStates),
  elevenLabsAgentId: z.string().nullable(),
  numbers: z.array(z.object({ id: z.uuid(), e164: z.string(), label: z.string() })),
  callsLast7Days: z.int(),
  createdAt: instant,
})

export const difference = z.object({
  /** `prompt`, `tools.webhooks.0.url` … */
  path: z.string(),
  /** Absent on a side that has no such thing. */
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})

const fieldProblem = z.object({ path: z.string(), message: z.string() })

export const agentVersion = z.object({
  number: z.int(),
  note: z.string(),
  /** The version that was published again. */
  restoredFrom: z.int().nullable(),
  publishedAt: instant,
  /** Null where a program published it, or somebody who left. */
  publishedBy: z.string().nullable(),
})

export const agentDetail = agent.extend({
  draft: agentSpec,
  /** Goes up with each save; a save names the one it is based on. */
  draftRevision: z.int(),
  draftSavedAt: instant,
  draftSavedBy: z.string().nullable(),
  /** What stands against publishing the draft as it is. */
  draftProblems: z.array(fieldProblem),
  published: agentVersion.nullable(),
  /** The draft is published only when every test of the agent passed on it. */
  publishNeedsTests: z.boolean(),
  testCount: z.int(),
  /** Tests that have not passed on the draft as it is. */
  unpassedTestCount: z.int(),
  sync: z.object({
    state: z.enum(syncStates),
    /** The version ElevenLabs was given last. */
    pushedVersion: z.int().nullable(),
    checkedAt: instant.nullable(),
    /** ElevenLabs' own code and words for a failure: text, never markup. */
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    drift: z
      .object({
        foundAt: instant,
        /** The agent is no longer there at all. */
        isGone: z.boolean(),
        /** `before` is what we gave, `after` what ElevenLabs holds. */
        differences: z.array(difference),
      })
      .nullable(),
  }),
  documents: z.array(z.object({ id: z.uuid(), title: z.string(), state: z.string() })),
})

const params = z.strictObject({ agentId: z.uuid() })
const resources = { agentId: 'agent' }

export const listAgents = endpoint({
  method: 'GET',
  path: '/v1/agents',
  permission: 'agents.read',
  summary: "The organization's agents, newest first",
  query: pageQuery,
  response: pageOf(agent),
})

export const createAgent = endpoint({
  method: 'POST',
  path: '/v1/agents',
  permission: 'agents.write',
  summary: 'Makes an agent that has a draft and answers nobody before it is published',
  idempotent: true,
  status: 201,
  body: z.strictObject({
    name,
    /** What the draft begins with; what it leaves out is as usual. */
    spec: agentSpec.optional(),
  }),
  response: agentDetail,
})

export const getAgent = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId',
  permission: 'agents.read',
  summary: 'One agent: its draft, what is published, and whether ElevenLabs holds it',
  params,
  response: agentDetail,
  resources,
})

export const renameAgent = endpoint({
  method: 'PATCH',
  path: '/v1/agents/:agentId',
  permission: 'agents.write',
  summary: 'Gives an agent another name, at once',
  params,
  body: z.strictObject({ name }),
  response: agentDetail,
  resources,
})

export const saveDraft = endpoint({
  method: 'PATCH',
  path: '/v1/agents/:agentId/draft',
  permission: 'agents.write',
  summary: 'Saves the whole draft; refused where somebody saved in between',
  params,
  body: z.strictObject({ expectedRevision: revision, spec: agentSpec }),
  response: agentDetail,
  resources,
})

export const publishAgent = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/publish',
  permission: 'agents.write',
  summary: 'Makes the draft the next version; a job takes it to ElevenLabs',
  idempotent: true,
  status: 202,
  params,
  body: z.strictObject({ expectedRevision: revision, note: note.default('') }),
  response: agentDetail,
  resources,
})

export const changePublishGate = endpoint({
  method: 'PATCH',
  path: '/v1/agents/:agentId/publish-gate',
  permission: 'agents.write',
  summary:
    'Whether the draft is published only when every test passed on it; rolling back needs none',
  params,
  body: z.strictObject({ needsTests: z.boolean() }),
  response: agentDetail,
  resources,
})

export const listVersions = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/versions',
  permission: 'agents.read',
  summary: 'The versions of an agent, newest first',
  params,
  query: pageQuery,
  response: pageOf(agentVersion),
  resources,
})

export const getVersion = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/versions/:number',
  permission: 'agents.read',
  summary: 'One version with all that it says',
  params: params.extend({ number: versionNumber }),
  response: agentVersion.extend({ spec: agentSpec }),
  resources,
})

export const diffVersions = endpoint({
  method: 'GET',
  path: '/v1/agents/:agentId/diff',
  permission: 'agents.read',
  summary: 'What differs between two versions, or between one and the draft',
  params,
  query: z.strictObject({
    from: z.union([z.literal('draft'), versionNumber]),
    to: z.union([z.literal('draft'), versionNumber]),
  }),
  response: z.object({ differences: z.array(difference) }),
  resources,
})

export const rollbackAgent = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/rollback',
  permission: 'agents.write',
  summary: 'Publishes an old version again; a draft with unpublished changes stays as it is',
  idempotent: true,
  status: 202,
  params,
  body: z.strictObject({
    number: z.int().min(1).max(MAX_NUMBER),
    /** The version that is published now, so that nobody rolls back what they have not seen. */
    expectedVersion: z.int().min(1).max(MAX_NUMBER),
    note: note.default(''),
  }),
  response: agentDetail,
  resources,
})

export const duplicateAgent = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/duplicate',
  permission: 'agents.write',
  summary: 'Makes another agent with the same draft',
  idempotent: true,
  status: 201,
  params,
  body: z.strictObject({ name: name.optional() }),
  response: agentDetail,
  resources,
})

export const archiveAgent = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/archive',
  permission: 'agents.write',
  summary: 'Takes an agent away, here and at ElevenLabs; its calls and versions are kept',
  status: 204,
  params,
  body: z.strictObject({
    /** The agent's name, where a number is attached to it. */
    confirmName: z.string().max(120).optional(),
  }),
  response: z.void(),
  resources,
})

export const pushAgain = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/push',
  permission: 'agents.write',
  summary: 'Takes the published version to ElevenLabs once more, as after a failure',
  status: 202,
  params,
  response: agentDetail,
  resources,
})

export const checkDrift = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/check-drift',
  permission: 'agents.write',
  summary: 'Compares what ElevenLabs holds with what it was given',
  params,
  response: agentDetail,
  resources,
})

export const resolveDrift = endpoint({
  method: 'POST',
  path: '/v1/agents/:agentId/resolve-drift',
  permission: 'agents.write',
  summary:
    'Gives ElevenLabs our version again, or takes its changes into the draft, to be published',
  status: 202,
  params,
  body: z.strictObject({
    keep: z.enum(['ours', 'theirs']),
    /** For `theirs`: the revision of the draft that is replaced. */
    expectedRevision: revision.optional(),
  }),
  response: agentDetail,
  resources,
})

export const voice = z.object({
  voiceId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  language: z.string().nullable(),
  accent: z.string().nullable(),
  gender: z.string().nullable(),
  age: z.string().nullable(),
  useCase: z.string().nullable(),
  /** Whether there is one to listen to. */
  hasSample: z.boolean(),
})

export const listVoices = endpoint({
  method: 'GET',
  path: '/v1/voices',
  permission: 'agents.read',
  summary: 'Voices an agent may have, with samples',
  query: pageQuery.extend({
    search: z.string().trim().min(1).max(80).optional(),
    language: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]{2})?$/)
      .optional(),
    gender: z.enum(['female', 'male', 'neutral']).optional(),
  }),
  response: pageOf(voice),
})

export const getVoiceSample = endpoint({
  method: 'GET',
  path: '/v1/voices/:voice/sample',
  permission: 'agents.read',
  summary: 'A few sentences spoken by a voice, as MP3',
  params: z.strictObject({ voice: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
  response: z.void(),
  bytes: { contentTypes: ['audio/mpeg'] },
})

const toolKey = z.object({
  /** The header it comes in. */
  header: z.string(),
  /** Null before the first tool was taken to ElevenLabs. */
  lastFour: z.string().nullable(),
  createdAt: instant.nullable(),
})

export const getToolKey = endpoint({
  method: 'GET',
  path: '/v1/agent-tools/key',
  permission: 'agents.write',
  summary: 'How receivers of webhook tools know that it is us who asks',
  response: toolKey,
})

export const replaceToolKey = endpoint({
  method: 'POST',
  path: '/v1/agent-tools/key',
  permission: 'agents.write',
  summary:
    'Makes a new key for webhook tools, shown this once; published agents are pushed with it',
  peopleOnly: true,
  status: 201,
  response: toolKey.extend({ key: z.string() }),
})

export const testTool = endpoint({
  method: 'POST',
  path: '/v1/agent-tools/test',
  permission: 'agents.write',
  summary: 'Calls a webhook tool as a conversation would, with values given here',
  body: z.strictObject({
    tool: webhookTool,
    values: z
      .record(z.string().max(64), z.union([z.string().max(2_000), z.number(), z.boolean()]))
      .default({}),
  }),
  response: z.object({
    status: z.int().nullable(),
    /** Why there was no answer. */
    error: z.enum(['unreachable', 'timeout', 'redirect', 'too_large']).nullable(),
    durationMs: z.number(),
    /** The beginning of what was answered: text, never markup. */
    bodyHead: z.string(),
    isTruncated: z.boolean(),
    /** What was sent. */
    request: z.object({ method: z.string(), url: z.string(), body: z.string().nullable() }),
  }),
})
