import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ElevenLabsStandIn, startElevenLabs } from '../../sandbox/elevenlabs/start.ts'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../sandbox/speech/book.ts'
import { formantEngine } from '../../sandbox/speech/formant.ts'
import { elevenLabsClient } from './elevenlabs.ts'
import { clientEvents } from './elevenlabs-agent.ts'

const apiKey = 'sandbox-elevenlabs-api-key'
const journal = new Journal()
const faults = new Faults()
const spec = {
  name: 'Front desk',
  prompt: 'You answer for a dentist. We open at 8.',
  firstMessage: 'Hello, how can I help?',
  language: 'en',
  voiceId: 'cjVigY5qzO86Huf0OWal',
  maxDurationSeconds: 600,
  tags: ['voxcalls-organization:o1', 'voxcalls-agent:a1'],
}
let standIn: ElevenLabsStandIn
let client: ReturnType<typeof elevenLabsClient>

beforeAll(async () => {
  standIn = await startElevenLabs({
    port: 0,
    apiKey,
    webhookSecret: 'wsec_sandbox',
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    twilioUrl: 'http://127.0.0.1:9',
    postCallDelayMs: 20,
  })
  client = elevenLabsClient({ apiKey, baseUrl: standIn.url })
})
afterEach(() => {
  faults.clear()
  journal.clear()
})
afterAll(() => standIn.close())

const creations = () =>
  journal
    .entries({ vendor: 'elevenlabs', path: '/agents/create' })
    .filter((e) => e.kind === 'request')

/** Opens a conversation on a signed URL and hangs up after its greeting began. */
async function aConversation(agentId: string): Promise<string> {
  const socket = new WebSocket(await client.signedUrl(agentId))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  socket.once('error', reject)
  socket.once('open', () =>
    socket.send(JSON.stringify({ type: 'conversation_initiation_client_data' })),
  )
  let conversationId = ''
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type === 'conversation_initiation_metadata') {
      const metadata = message.conversation_initiation_metadata_event
      expect(metadata.agent_output_audio_format).toBe('ulaw_8000')
      expect(metadata.user_input_audio_format).toBe('ulaw_8000')
      conversationId = metadata.conversation_id
    }
    if (message.type === 'agent_response') socket.close(1000)
  })
  socket.once('close', () => resolve(conversationId))
  return promise
}

test('an agent is made with phone audio, closed to strangers, and found by its tag', async () => {
  const id = await client.createAgent(spec)
  expect(await client.findAgent(id)).toEqual({ id })
  expect(await client.findAgentByTag('voxcalls-agent:a1')).toEqual({ id })
  expect(await client.findAgentByTag('voxcalls-agent:other')).toBeNull()
  expect(await client.findAgent('agent_nobody')).toBeNull()

  const answer = await fetch(`${standIn.url}/v1/convai/agents/${id}`, {
    headers: { 'xi-api-key': apiKey },
  })
  expect(await answer.json()).toMatchObject({
    name: 'Front desk',
    tags: spec.tags,
    conversation_config: {
      agent: { first_message: spec.firstMessage, prompt: { prompt: spec.prompt } },
      asr: { user_input_audio_format: 'ulaw_8000' },
      tts: { agent_output_audio_format: 'ulaw_8000', voice_id: spec.voiceId },
      conversation: { max_duration_seconds: 600, client_events: clientEvents },
    },
    platform_settings: {
      auth: { enable_auth: true },
      overrides: {
        conversation_config_override: {
          agent: { first_message: true, prompt: { prompt: true } },
          conversation: { max_duration_seconds: true },
        },
      },
    },
  })
})

test('a change of an agent replaces what it had', async () => {
  const id = await client.createAgent(spec)
  await client.updateAgent(id, { ...spec, prompt: 'We open at 9.', tags: [] })
  const answer = await fetch(`${standIn.url}/v1/convai/agents/${id}`, {
    headers: { 'xi-api-key': apiKey },
  })
  expect(await answer.json()).toMatchObject({
    tags: [],
    conversation_config: { agent: { prompt: { prompt: 'We open at 9.' } } },
  })
})

test('making an agent is asked for once when ElevenLabs fails', async () => {
  faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/agents/create',
    times: 5,
    action: { type: 'status', status: 500 },
  })
  const failed = client.createAgent(spec)
  await expect(failed).rejects.toMatchObject({ vendor: 'elevenlabs', status: 500, retryable: true })
  expect(creations().length).toBe(1)
})

test('a signed URL opens a conversation, which is then read with its turns and its cost', async () => {
  const id = await client.createAgent(spec)
  const startedAfter = new Date(Date.now() - 60_000)
  const conversationId = await aConversation(id)
  await expect
    .poll(async () => (await client.fetchConversation(conversationId))?.status, { timeout: 10_000 })
    .toBe('done')
  const found = await client.fetchConversation(conversationId)
  expect(found).toMatchObject({ conversationId, elevenLabsAgentId: id, status: 'done' })
  expect(found?.turns[0]).toMatchObject({ role: 'agent', atSeconds: 0 })
  expect(found?.costUsd).toBeTypeOf('number')

  const listed = await client.listConversations({ startedAfter, pageSize: 100 })
  expect(listed.items.map((item) => item.conversationId)).toContain(conversationId)
  const later = await client.listConversations({
    startedAfter: new Date(Date.now() + 60_000),
    pageSize: 100,
  })
  expect(later).toEqual({ items: [], nextCursor: null })
  expect(await client.fetchConversation('conv_nobody')).toBeNull()
})

test('the list of conversations is walked page by page', async () => {
  const id = await client.createAgent(spec)
  const made = [await aConversation(id), await aConversation(id), await aConversation(id)]
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof client.listConversations>> =
      await client.listConversations({
        startedAfter: new Date(0),
        pageSize: 1,
        ...(cursor && { cursor }),
      })
    expect(page.items.length).toBeLessThanOrEqual(1)
    seen.push(...page.items.map((item) => item.conversationId))
    cursor = page.nextCursor
  } while (cursor)
  expect(seen).toEqual(expect.arrayContaining(made))
  expect(new Set(seen).size).toBe(seen.length)
})

test('a sentence comes back as phone audio of its length', async () => {
  const short = await client.speak(spec.voiceId, 'Goodbye.')
  const long = await client.speak(spec.voiceId, 'Your balance is used up. Thank you and goodbye.')
  expect(short.byteLength).toBeGreaterThan(1_000)
  expect(long.byteLength).toBeGreaterThan(short.byteLength * 2)
})

test('our webhook is registered once, and its secret is shown once', async () => {
  const url = 'http://127.0.0.1:9/webhooks/elevenlabs'
  const first = await client.ensureWebhook(url, 'VoxCalls')
  expect(first.secret).toMatch(/^wsec_/)
  expect(await client.ensureWebhook(url, 'VoxCalls')).toEqual({
    webhookId: first.webhookId,
    secret: null,
  })
})

test('a wrong key is refused and not tried again', async () => {
  const wrong = elevenLabsClient({ apiKey: 'wrong', baseUrl: standIn.url })
  await expect(wrong.signedUrl('agent_x')).rejects.toMatchObject({ status: 401, retryable: false })
  expect(journal.entries({ vendor: 'elevenlabs', path: 'get-signed-url' }).length).toBe(1)
})

test('a busy service is asked again within the three seconds a caller waits', async () => {
  const id = await client.createAgent(spec)
  faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: 'get-signed-url',
    times: 2,
    action: { type: 'status', status: 429 },
  })
  expect(await client.signedUrl(id)).toMatch(/^ws:/)
})
