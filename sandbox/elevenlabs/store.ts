import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from './json.ts'

export type Agent = {
  agent_id: string
  name: string
  tags: string[]
  conversation_config: Json
  platform_settings: Json
  workflow: Json
  created_at_unix_secs: number
  updated_at_unix_secs: number
  version_id: string
}

export type PhoneNumber = {
  phone_number_id: string
  phone_number: string
  label: string
  supports_inbound: boolean
  supports_outbound: boolean
  agent_id: string | null
  sid: string
  token: string
}

export type Document = {
  id: string
  name: string
  type: 'text' | 'url' | 'file'
  text: string
  url?: string
  filename?: string
  created_at_unix_secs: number
  last_updated_at_unix_secs: number
}

export type Tool = { id: string; tool_config: Json }

export type Webhook = {
  webhook_id: string
  name: string
  webhook_url: string
  is_disabled: boolean
  request_headers: Record<string, string>
  retry_enabled: boolean
  created_at_unix: number
  most_recent_failure_error_code: number | null
  most_recent_failure_timestamp: number | null
}

export type Turn = {
  role: 'user' | 'agent'
  message: string | null
  time_in_call_secs: number
  interrupted: boolean
  original_message: string | null
  source_medium: 'audio' | 'text' | null
  tool_calls: Json[]
  tool_results: Json[]
  platform_event?: string
}

export const statuses = ['initiated', 'in-progress', 'processing', 'done', 'failed'] as const
export type Status = (typeof statuses)[number]

export type Conversation = {
  conversation_id: string
  agent_id: string
  agent_name: string
  version_id: string
  status: Status
  user_id: string | null
  startedAtMs: number
  durationMs: number
  has_audio: boolean
  termination_reason: string
  error: { code: number; reason: string } | null
  authorization_method: string
  source: string
  phone_call: Json | null
  text_only: boolean
  main_language: string
  client_data: Json
  transcript: Turn[]
  llmTokens: { input: number; output: number }
  analysis: Json | null
  feedback: 'like' | 'dislike' | null
}

type State = {
  agents: Agent[]
  phoneNumbers: PhoneNumber[]
  documents: Document[]
  tools: Tool[]
  webhooks: Webhook[]
  conversations: Conversation[]
  settings: Json
  charactersUsed: number
}

const SAVE_AFTER_MS = 200 // a burst of changes is one write
const MAX_CONVERSATIONS = 500 // what a demo or a test run looks at; the oldest go first
const FILE = 'elevenlabs.json'

/** Everything the stand-in remembers; written whole to one file, by rename, so a crash tears nothing. */
export class Store {
  readonly agents = new Map<string, Agent>()
  readonly phoneNumbers = new Map<string, PhoneNumber>()
  readonly documents = new Map<string, Document>()
  readonly tools = new Map<string, Tool>()
  readonly webhooks = new Map<string, Webhook>()
  readonly conversations = new Map<string, Conversation>()
  settings: Json = {}
  charactersUsed = 0
  /** Finished calls as mu-law: the caller's track, then the agent's, of the same length. */
  readonly #audio = new Map<string, Uint8Array>()
  readonly #dataDir: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(dataDir: string | undefined) {
    this.#dataDir = dataDir
    if (dataDir) {
      mkdirSync(join(dataDir, 'elevenlabs-audio'), { recursive: true })
      this.#load(join(dataDir, FILE))
    }
  }

  changed(): void {
    while (this.conversations.size > MAX_CONVERSATIONS) {
      const [oldest] = this.conversations.keys()
      if (oldest === undefined) break
      this.forgetConversation(oldest)
    }
    if (!this.#dataDir || this.#timer) return
    this.#timer = setTimeout(() => this.save(), SAVE_AFTER_MS)
    this.#timer.unref()
  }

  save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#dataDir) return
    const state: State = {
      agents: [...this.agents.values()],
      phoneNumbers: [...this.phoneNumbers.values()],
      documents: [...this.documents.values()],
      tools: [...this.tools.values()],
      webhooks: [...this.webhooks.values()],
      conversations: [...this.conversations.values()],
      settings: this.settings,
      charactersUsed: this.charactersUsed,
    }
    writeWhole(join(this.#dataDir, FILE), JSON.stringify(state))
  }

  forgetConversation(conversationId: string): void {
    this.conversations.delete(conversationId)
    this.#audio.delete(conversationId)
    if (this.#dataDir) rmSync(this.#audioFile(conversationId), { force: true })
  }

  keepAudio(conversationId: string, audio: Uint8Array): void {
    if (this.#dataDir) writeWhole(this.#audioFile(conversationId), audio)
    else this.#audio.set(conversationId, audio)
  }

  audio(conversationId: string): Uint8Array | undefined {
    if (!this.#dataDir) return this.#audio.get(conversationId)
    return readIfThere(this.#audioFile(conversationId))
  }

  #audioFile(conversationId: string): string {
    return join(this.#dataDir ?? '', 'elevenlabs-audio', `${conversationId}.ulaw`)
  }

  #load(file: string): void {
    const bytes = readIfThere(file)
    if (!bytes) return
    // Our own file, written by `save`; a file of another make is refused by the first missing list.
    const state = JSON.parse(bytes.toString()) as State
    for (const a of state.agents) this.agents.set(a.agent_id, a)
    for (const n of state.phoneNumbers) this.phoneNumbers.set(n.phone_number_id, n)
    for (const d of state.documents) this.documents.set(d.id, d)
    for (const t of state.tools) this.tools.set(t.id, t)
    for (const w of state.webhooks) this.webhooks.set(w.webhook_id, w)
    for (const c of state.conversations) this.conversations.set(c.conversation_id, c)
    this.settings = state.settings
    this.charactersUsed = state.charactersUsed
  }
}

function writeWhole(file: string, content: string | Uint8Array): void {
  const beside = `${file}.${process.pid}.new`
  writeFileSync(beside, content)
  renameSync(beside, file)
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
