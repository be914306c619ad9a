import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { z } from 'zod'
import { type Sandbox, type SandboxOptions, sandboxCredentials, startSandbox } from '../start.ts'
import { type Relay, startRelay } from './relay.ts'

export const businessNumber = '+14155550100'
export const callerNumber = '+15550100123'
export const greeting = 'Hello, Northwind Dental.'

export type Bench = Sandbox & { folder: string; dispose(): Promise<void> }

/** Every stand-in, on free ports, in a folder of its own. */
export async function aSandbox(options: Partial<SandboxOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'))
  const sandbox = await startSandbox({
    dataDir: folder,
    engine: 'formant',
    ports: { control: 0, twilio: 0, elevenlabs: 0, openai: 0, stripe: 0, clerk: 0, smtp: 0 },
    credentials: sandboxCredentials,
    webhookUrls: {},
    postCallDelayMs: 20,
    ...options,
  })
  return {
    ...sandbox,
    folder,
    async dispose() {
      await sandbox.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A number, an agent, and the least of a product between them. */
export async function aReceptionist({ twilio, elevenLabs }: Sandbox): Promise<Relay> {
  const { sid, authToken } = twilio.account
  const apiKey = sandboxCredentials.elevenLabsApiKey
  const { agent_id } = await ask(`${elevenLabs.url}/v1/convai/agents/create`, {
    method: 'POST',
    headers: { 'xi-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(frontDesk),
  })
  const relay = await startRelay({ url: elevenLabs.url, apiKey, agentId: String(agent_id) })
  await ask(`${twilio.url}/2010-04-01/Accounts/${sid}/IncomingPhoneNumbers.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${sid}:${authToken}`)}` },
    body: new URLSearchParams({ PhoneNumber: businessNumber, VoiceUrl: relay.voiceUrl }),
  })
  return relay
}

const frontDesk = {
  name: 'Front desk',
  conversation_config: {
    agent: {
      first_message: greeting,
      prompt: {
        prompt: 'You are the receptionist of Northwind Dental. A cleaning costs ninety dollars.',
        built_in_tools: {
          end_call: { name: 'end_call', params: { system_tool_type: 'end_call' } },
        },
      },
    },
    asr: { user_input_audio_format: 'ulaw_8000' },
    tts: { agent_output_audio_format: 'ulaw_8000' },
    turn: { turn_timeout: 30 },
    conversation: { client_events: ['audio', 'interruption', 'ping'] },
  },
}

async function ask(url: string, request: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, request)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
}

/** The control API as a test asks it; the caller says what shape it expects. */
export function control(sandbox: Sandbox) {
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${sandbox.control.url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json' },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
    })
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? z.json().parse(JSON.parse(text)) : null,
    }
  }
}

const news = z.looseObject({ type: z.string() })
export type News = z.infer<typeof news>

/** A page that follows a call over its socket. */
export async function aListener(sandbox: Sandbox, callSid: string) {
  const url = `${sandbox.control.url.replace('http', 'ws')}/sandbox/calls/${callSid}/audio`
  const socket = new WebSocket(url)
  const heard: News[] = []
  const bytes: [number[], number[]] = [[], []]
  const waiting = new Set<() => void>()
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) bytes[data[0] === 0 ? 0 : 1].push(...data.subarray(1))
    else heard.push(news.parse(JSON.parse(data.toString())))
    for (const look of waiting) look()
  })
  await once(socket, 'open')
  return {
    news: heard,
    bytes,
    /** The first piece of news that fits, already here or still to come. */
    until(fits: (one: News) => boolean, timeoutMs = 10_000): Promise<News> {
      const { promise, resolve, reject } = Promise.withResolvers<News>()
      const timer = setTimeout(() => {
        waiting.delete(look)
        reject(new Error(`no such news in ${timeoutMs} ms: ${JSON.stringify(heard.slice(-5))}`))
      }, timeoutMs)
      const look = () => {
        const found = heard.find(fits)
        if (!found) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      return promise
    },
    close: () => socket.close(),
  }
}
