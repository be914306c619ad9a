import { once } from 'node:events'
import WebSocket from 'ws'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { PhraseBook } from '../speech/book.ts'
import { Ear, type Heard } from '../speech/ear.ts'
import { formantEngine } from '../speech/formant.ts'
import { SILENCE } from '../speech/mulaw.ts'
import { isObject, type Json, readText } from './json.ts'
import { type ElevenLabsOptions, type ElevenLabsStandIn, startElevenLabs } from './start.ts'

export const API_KEY = 'sk_test_sandbox'
export const WEBHOOK_SECRET = 'wsec_test'
export const CALLER_VOICE = 'en-us/50/165'

export type Bench = {
  vendor: ElevenLabsStandIn
  book: PhraseBook
  journal: Journal
  faults: Faults
  /** A request past the SDK, for what it hides. */
  rest(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
}

export async function aBench(options: Partial<ElevenLabsOptions> = {}): Promise<Bench> {
  const journal = new Journal()
  const faults = new Faults()
  const book = new PhraseBook(formantEngine())
  const vendor = await startElevenLabs({
    port: 0,
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    twilioUrl: 'http://127.0.0.1:9',
    postCallDelayMs: 20,
    book,
    journal,
    faults,
    ...options,
  })
  return {
    vendor,
    book,
    journal,
    faults,
    async rest(method, path, body) {
      const response = await fetch(`${vendor.url}${path}`, {
        method,
        headers: { 'xi-api-key': API_KEY, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text ? JSON.parse(text) : undefined }
    },
  }
}

export const PROMPT = `You are the receptionist of Northwind Dental. Always be polite.
A cleaning costs ninety dollars. We are open from nine to five on weekdays.
The practice is at 12 Harbour Street. Dr. Mills speaks Spanish.`

/** Creates a phone agent; `change` is merged into the conversation config by the service itself. */
export async function anAgent(
  bench: Bench,
  change: { config?: Json; platform?: Json } = {},
): Promise<string> {
  const created = await bench.rest('POST', '/v1/convai/agents/create', {
    name: 'Front desk',
    conversation_config: {
      agent: {
        first_message: 'Hello, Northwind Dental.',
        prompt: { prompt: PROMPT, built_in_tools: { end_call: END_CALL } },
      },
      asr: { user_input_audio_format: 'ulaw_8000' },
      tts: { agent_output_audio_format: 'ulaw_8000' },
      turn: { turn_timeout: 30 },
      conversation: { client_events: EVERYTHING },
    },
    platform_settings: { auth: { enable_auth: true }, ...change.platform },
  })
  const agent_id = readText(created.body, 'agent_id')
  if (change.config)
    await bench.rest('PATCH', `/v1/convai/agents/${agent_id}`, {
      conversation_config: change.config,
    })
  return agent_id
}

export async function signedUrl(bench: Bench, agentId: string, more = ''): Promise<string> {
  const path = `/v1/convai/conversation/get-signed-url?agent_id=${agentId}${more}`
  return readText((await bench.rest('GET', path)).body, 'signed_url')
}

const END_CALL = {
  type: 'system',
  name: 'end_call',
  description: '',
  params: { system_tool_type: 'end_call' },
}
const EVERYTHING = [
  'conversation_initiation_metadata',
  'audio',
  'interruption',
  'ping',
  'user_transcript',
  'tentative_user_transcript',
  'agent_response',
  'agent_response_correction',
  'client_tool_call',
  'agent_tool_request',
  'agent_tool_response',
]

const WAIT_MS = 10_000 // far above what any event here takes; a lost one fails its test

/** A client of the agent socket with an ear on what the agent says. */
export class Caller {
  readonly events: Json[] = []
  readonly heard: Heard[] = []
  readonly socket: WebSocket
  readonly #bench: Bench
  readonly #ear: Ear
  readonly #watchers = new Set<() => void>()
  closed: { code: number; reason: string } | undefined

  constructor(bench: Bench, url: string, protocols: string[] = [], headers = {}) {
    this.#bench = bench
    this.#ear = new Ear(bench.book, (heard) => this.heard.push(heard))
    this.socket = new WebSocket(url, protocols, { headers })
    this.socket.on('message', (data) => this.#take(JSON.parse(String(data))))
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#tell()
    })
    this.socket.on('error', () => this.#tell())
  }

  /** Opens a conversation the way the product does: signed URL, initiation, metadata. */
  static async to(bench: Bench, agentId: string, initiation: Json = {}): Promise<Caller> {
    const caller = new Caller(bench, await signedUrl(bench, agentId))
    await once(caller.socket, 'open')
    caller.send({ type: 'conversation_initiation_client_data', ...initiation })
    return caller
  }

  get conversationId(): string {
    const [metadata] = this.of('conversation_initiation_metadata')
    return readText(metadata, 'conversation_initiation_metadata_event', 'conversation_id')
  }

  send(message: Json): void {
    this.socket.send(JSON.stringify(message))
  }

  sendAudio(bytes: Uint8Array): void {
    this.send({ user_audio_chunk: Buffer.from(bytes).toString('base64') })
  }

  /** Says a line in pieces of any length, faster than real time, and then keeps quiet. */
  async say(text: string, pieceBytes = 160): Promise<void> {
    const { audio } = await this.#bench.book.say(text, CALLER_VOICE)
    for (let at = 0; at < audio.length; at += pieceBytes)
      this.sendAudio(audio.subarray(at, at + pieceBytes))
    this.quiet(400)
  }

  quiet(ms: number): void {
    this.sendAudio(new Uint8Array(ms * 8).fill(SILENCE))
  }

  of(type: string): Json[] {
    return this.events.filter((event) => event.type === type)
  }

  responses(): string[] {
    return this.of('agent_response').map((event) =>
      readText(event, 'agent_response_event', 'agent_response'),
    )
  }

  /** The text, once every byte of it has been heard. */
  heardAll(text: string): boolean {
    return this.heardTexts().includes(text)
  }

  /** What the caller's ear made of the agent's audio. */
  heardTexts(): string[] {
    return this.heard.flatMap((heard) => (heard.kind === 'final' ? [heard.utterance.text] : []))
  }

  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const check = () => {
      const found = look()
      if (found !== undefined && found !== false) resolve(found)
    }
    const late = setTimeout(() => {
      const types = this.events.map((event) => event.type).join(' ')
      reject(new Error(`waited for ${what}; came: ${types}; closed: ${this.closed?.code}`))
    }, WAIT_MS)
    this.#watchers.add(check)
    check()
    return promise.finally(() => {
      clearTimeout(late)
      this.#watchers.delete(check)
    })
  }

  response(text: string): Promise<Json> {
    return this.until(`"${text}"`, () =>
      this.of('agent_response').find(
        (event) => readText(event, 'agent_response_event', 'agent_response') === text,
      ),
    )
  }

  event(type: string, nth = 1): Promise<Json> {
    return this.until(`${type} ${nth}`, () => this.of(type)[nth - 1])
  }

  end(): Promise<{ code: number; reason: string }> {
    return this.until('close', () => this.closed)
  }

  async hangUp(): Promise<void> {
    this.socket.close(1000)
    await this.end()
  }

  #take(event: Json): void {
    this.events.push(event)
    if (event.type === 'interruption') this.#ear.flush() // a phone line is cleared, then silent
    if (event.type === 'audio') {
      this.#ear.hear(Buffer.from(readText(event, 'audio_event', 'audio_base_64'), 'base64'))
    }
    this.#tell()
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher()
  }
}

/** Resolves when the conversation has left processing. */
export async function settled(bench: Bench, conversationId: string): Promise<Json> {
  const deadline = Date.now() + WAIT_MS
  while (Date.now() < deadline) {
    const { body } = await bench.rest('GET', `/v1/convai/conversations/${conversationId}`)
    if (isObject(body) && (body.status === 'done' || body.status === 'failed')) return body
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the conversation was not settled')
}
