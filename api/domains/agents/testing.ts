import { randomUUID } from 'node:crypto'
import type { AgentDraft, WebhookTool } from '#api/contract/agent-spec.ts'
import { type Context, forOrganization } from '#api/core/context.ts'
import { type Person, type TestApi, testApi } from '#api/testing.ts'
import { type ElevenLabsStandIn, startElevenLabs } from '../../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../../sandbox/kit/faults.ts'
import { Journal } from '../../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../../sandbox/speech/book.ts'
import { formantEngine } from '../../../sandbox/speech/formant.ts'
import { createAgent, publishAgent } from './service.ts'

const API_KEY = 'sandbox-elevenlabs-key'

/** What the stand-in holds of one agent. */
export type HeldThere = ReturnType<ElevenLabsStandIn['agents']>[number]

export type AgentRig = {
  api: TestApi
  url: string
  faults: Faults
  journal: Journal
  anOrganization(): Promise<{ admin: Person; ctx: Context }>
  /** A published agent that nobody has pushed yet. */
  aPublishedAgent(ctx: Context, spec?: Partial<AgentDraft>): Promise<string>
  /** A document that agents can be given. */
  aDocument(ctx: Context, body?: string): Promise<string>
  /** The ids of the documents the stand-in holds. */
  documents(): Promise<string[]>
  /** Of one organization, at the stand-in. */
  heldBy(ctx: Context): HeldThere[]
  /** The names of the tools the stand-in holds. */
  tools(): Promise<string[]>
  /** The ids of those made for one agent, in order. */
  toolIds(agentId: string): Promise<string[]>
  /** Somebody at ElevenLabs' own console. */
  behindOurBack(method: 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>
  close(): Promise<void>
}

export const dana = {
  prompt: 'We open at eight.',
  firstMessage: 'Hello.',
  voiceId: 'sbx0000000000000Alma',
} satisfies Partial<AgentDraft>

export const aTool = (over: Partial<WebhookTool> = {}): WebhookTool => ({
  name: 'check_slots',
  description: 'Finds free slots.',
  url: 'https://tools.voxcalls.test/slots',
  method: 'POST',
  timeoutSeconds: 20,
  parameters: [
    {
      name: 'day',
      type: 'string',
      required: true,
      value: { from: 'conversation', description: 'The day asked for' },
    },
    { name: 'seats', type: 'integer', required: true, value: { from: 'constant', constant: '2' } },
  ],
  ...over,
})

export async function agentRig(over: Record<string, string> = {}): Promise<AgentRig> {
  const faults = new Faults()
  const journal = new Journal()
  const standIn = await startElevenLabs({
    port: 0,
    apiKey: API_KEY,
    webhookSecret: 'wsec_sandbox',
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    twilioUrl: 'http://127.0.0.1:9',
  })
  const api = await testApi({ ELEVENLABS_BASE_URL: standIn.url, ...over })
  const send = (path: string, request: RequestInit = {}) =>
    fetch(`${standIn.url}/v1/convai${path}`, {
      ...request,
      headers: { 'xi-api-key': API_KEY, 'content-type': 'application/json' },
    })
  const allTools = async () => {
    const found: { id: string; tool_config: { name: string } }[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer = await send(`/tools?page_size=100${cursor && `&cursor=${cursor}`}`)
      const page = (await answer.json()) as { tools: typeof found; next_cursor: string | null }
      found.push(...page.tools)
      cursor = page.next_cursor
    }
    return found
  }
  return {
    api,
    url: standIn.url,
    faults,
    journal,
    async anOrganization() {
      const admin = await api.aHolderOf('admin')
      return { admin, ctx: forOrganization(api.ctx, admin.organizationId ?? '') }
    },
    async aPublishedAgent(ctx, spec = {}) {
      const { id, draftRevision } = await createAgent(ctx, {
        name: 'Dana',
        spec: { ...dana, ...spec },
      })
      await publishAgent(ctx, id, { expectedRevision: draftRevision })
      return id
    },
    async aDocument({ organizationId }, body = 'A filling costs two hundred dollars.') {
      const id = randomUUID()
      await api.database.query(
        'admin',
        `insert into knowledge_documents
           (organization_id, id, title, kind, media_type, size_bytes, sha256, object_key, state, chunks)
         values ($1, $2, 'Prices', 'text', 'text/plain', 6, $3, $4, 'ready', 1)`,
        [organizationId, id, randomUUID(), `org/${organizationId}/knowledge/${id}`],
      )
      await api.database.query(
        'admin',
        `insert into knowledge_chunks (organization_id, id, document_id, position, body, embedding, signature)
         values ($1, $2, $3, 0, $4, '\\x00', repeat('0', 1536)::bit(1536))`,
        [organizationId, randomUUID(), id, body],
      )
      return id
    },
    async documents() {
      const answer = (await (await send('/knowledge-base?page_size=100')).json()) as {
        documents: { id: string }[]
      }
      return answer.documents.map(({ id }) => id)
    },
    heldBy: ({ organizationId }) =>
      standIn
        .agents()
        .filter(({ tags }) => tags.includes(`voxcalls-organization:${organizationId}`)),
    async tools() {
      return (await allTools()).map(({ tool_config }) => tool_config.name)
    },
    async toolIds(agentId) {
      const own = (await allTools()).filter((tool) => JSON.stringify(tool).includes(agentId))
      return own.map(({ id }) => id).toSorted()
    },
    async behindOurBack(method, path, body) {
      const response = await send(path, {
        method,
        ...(body ? { body: JSON.stringify(body) } : { body: '{}' }),
      })
      if (!response.ok) throw new Error(`the stand-in refused: ${await response.text()}`)
    },
    async close() {
      await api.close()
      await standIn.close()
    },
  }
}
