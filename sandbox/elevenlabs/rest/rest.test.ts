import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ear } from '../../speech/ear.ts'
import { SILENCE } from '../../speech/mulaw.ts'
import { readList, readObject, readText } from '../json.ts'
import { missingKeys, requirements } from '../required-keys.ts'
import { API_KEY, aBench, anAgent, type Bench, Caller, settled, signedUrl } from '../testing.ts'

let bench: Bench
let sdk: ElevenLabsClient
beforeEach(async () => {
  bench = await aBench()
  sdk = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: bench.vendor.url, maxRetries: 0 })
})
afterEach(async () => {
  await bench.vendor.close()
})

const VOICE = 'cjVigY5qzO86Huf0OWal'
const needs = requirements()

/** The answer of a route, after checking it against the vendor's published description. */
async function complete(name: string, method: string, path: string, body?: unknown) {
  const answer = await bench.rest(method, path, body)
  expect(answer.status).toBe(200)
  expect(needs[name], `no requirement is named ${name}`).toBeDefined()
  expect(missingKeys(answer.body, needs[name] ?? {})).toEqual([])
  return answer.body
}

test('an agent made through the SDK comes back whole, with every default filled in', async () => {
  const { agentId } = await sdk.conversationalAi.agents.create({
    name: 'Reception',
    tags: ['org_1'],
    conversationConfig: {
      agent: { firstMessage: 'Hello', prompt: { prompt: 'You are Ada.' } },
      asr: { userInputAudioFormat: 'ulaw_8000' },
    },
    platformSettings: { auth: { enableAuth: true } },
  })
  const agent = await sdk.conversationalAi.agents.get(agentId)
  expect(agent.name).toBe('Reception')
  expect(agent.conversationConfig.agent?.prompt?.prompt).toBe('You are Ada.')
  expect(agent.conversationConfig.agent?.prompt?.llm).toBe('gemini-2.5-flash')
  expect(agent.conversationConfig.asr?.userInputAudioFormat).toBe('ulaw_8000')
  expect(agent.conversationConfig.conversation?.maxDurationSeconds).toBe(600)
  expect(agent.platformSettings?.auth?.enableAuth).toBe(true)
  expect(agent.platformSettings?.callLimits?.dailyLimit).toBe(100_000)
  await complete('agents.get', 'GET', `/v1/convai/agents/${agentId}`)
  await complete('agents.list', 'GET', '/v1/convai/agents')
})

test('an update merges objects deeply, replaces lists and makes a new version', async () => {
  const id = await anAgent(bench)
  const before = await sdk.conversationalAi.agents.get(id)
  const after = await sdk.conversationalAi.agents.update(id, {
    conversationConfig: { agent: { firstMessage: 'Good day' }, tts: { speed: 1.1 } },
    tags: ['one', 'two'],
  })
  expect(after.conversationConfig.agent?.firstMessage).toBe('Good day')
  expect(after.conversationConfig.agent?.prompt?.prompt).toContain('Northwind Dental')
  expect(after.conversationConfig.tts?.agentOutputAudioFormat).toBe('ulaw_8000')
  expect(after.tags).toEqual(['one', 'two'])
  expect(after.versionId).not.toBe(before.versionId)
})

test('agents are listed by tag, newest first, page by page, and can be copied and deleted', async () => {
  for (const n of [1, 2, 3])
    await sdk.conversationalAi.agents.create({
      name: `Agent ${n}`,
      tags: [n === 2 ? 'other' : 'org_1'],
      conversationConfig: {},
    })
  const tagged = await sdk.conversationalAi.agents.list({ tags: ['org_1'] })
  expect(tagged.agents.map((agent) => agent.name)).toEqual(['Agent 3', 'Agent 1'])

  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await sdk.conversationalAi.agents.list({
      pageSize: 2,
      ...(cursor ? { cursor } : {}),
    })
    names.push(...page.agents.map((agent) => agent.name))
    cursor = page.hasMore ? page.nextCursor : undefined
  } while (cursor)
  expect(names).toEqual(['Agent 3', 'Agent 2', 'Agent 1'])

  const [first] = tagged.agents
  const copy = await sdk.conversationalAi.agents.duplicate(first?.agentId ?? '', { name: 'Copy' })
  expect((await sdk.conversationalAi.agents.get(copy.agentId)).name).toBe('Copy')
  await sdk.conversationalAi.agents.delete(copy.agentId)
  await expect(sdk.conversationalAi.agents.get(copy.agentId)).rejects.toMatchObject({
    statusCode: 404,
    body: { detail: { code: 'not_found' } },
  })
})

test('a wrong key, a bad body and an unknown id are refused in the shapes the service uses', async () => {
  const stranger = new ElevenLabsClient({ apiKey: 'sk_wrong', baseUrl: bench.vendor.url })
  const refused = stranger.user.subscription.get()
  await expect(refused).rejects.toBeInstanceOf(ElevenLabsError)
  await expect(refused).rejects.toMatchObject({
    statusCode: 401,
    body: { detail: { status: 'invalid_api_key', message: 'Invalid API key' } },
  })
  const missing = await bench.rest('POST', '/v1/convai/agents/create', { name: 'x' })
  expect(missing).toEqual({
    status: 422,
    body: {
      detail: [{ loc: ['body', 'conversation_config'], msg: 'Field required', type: 'missing' }],
    },
  })
  const wrong = await bench.rest('POST', '/v1/convai/agents/create', {
    conversation_config: { tts: { agent_output_audio_format: 'mp3' } },
  })
  expect(wrong.status).toBe(422)
  expect(readList(readList(wrong.body, 'detail')[0], 'loc')).toEqual([
    'body',
    'conversation_config',
    'tts',
    'agent_output_audio_format',
  ])
  const notJson = await fetch(`${bench.vendor.url}/v1/convai/agents/create`, {
    method: 'POST',
    headers: { 'xi-api-key': API_KEY, 'content-type': 'application/json' },
    body: '{',
  })
  expect(notJson.status).toBe(422)
  for (const path of ['agents/agent_none', 'conversations/conv_none', 'phone-numbers/phnum_none'])
    expect((await bench.rest('GET', `/v1/convai/${path}`)).status).toBe(404)
  expect((await bench.rest('GET', '/v1/convai/agents?page_size=1000')).status).toBe(422)
  expect((await bench.rest('GET', '/v1/convai/conversations?cursor=bm9uZQ')).status).toBe(422)
})

test('speech asked for as mu-law is the very utterance an ear recognises', async () => {
  const stream = await sdk.textToSpeech.convert(VOICE, {
    text: 'Your appointment is tomorrow.',
    outputFormat: 'ulaw_8000',
    modelId: 'eleven_flash_v2_5',
  })
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  const heard: string[] = []
  const ear = new Ear(bench.book, (event) => {
    if (event.kind === 'final') heard.push(event.utterance.text)
  })
  ear.hear(Buffer.concat(parts))
  ear.hear(new Uint8Array(400).fill(SILENCE))
  expect(heard).toEqual(['Your appointment is tomorrow.'])
})

test('speech comes with the time of each character, and as MP3 when no format is named', async () => {
  const path = `/v1/text-to-speech/${VOICE}/with-timestamps?output_format=ulaw_8000`
  const body = await complete('withTimestamps', 'POST', path, { text: 'Good day.' })
  expect(readList(body, 'alignment', 'characters').join('')).toBe('Good day.')
  const starts = readList(body, 'alignment', 'character_start_times_seconds')
  expect(starts).toEqual([...starts].sort((a, b) => Number(a) - Number(b)))

  const stream = await sdk.textToSpeech.convert(VOICE, { text: 'Good day.' })
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  const mp3 = Buffer.concat(parts)
  expect(mp3[0]).toBe(0xff) // an MPEG frame begins with eleven set bits
  expect((mp3[1] ?? 0) & 0xe0).toBe(0xe0)
  await expect(sdk.textToSpeech.convert('nobody', { text: 'x' })).rejects.toMatchObject({
    statusCode: 400,
    body: { detail: { code: 'voice_not_found' } },
  })
})

test('voices, models, the account and the settings answer completely', async () => {
  const found = await sdk.voices.search({ gender: 'female', language: ['en'], pageSize: 2 })
  expect(found.voices).toHaveLength(2)
  expect(found.hasMore).toBe(true)
  for (const voice of found.voices) expect(voice.labels?.gender).toBe('female')
  const next = await sdk.voices.search({
    gender: 'female',
    language: ['en'],
    ...(found.nextPageToken ? { nextPageToken: found.nextPageToken } : {}),
  })
  const ids = [...found.voices, ...next.voices].map((voice) => voice.voiceId)
  expect(new Set(ids).size).toBe(found.totalCount)
  expect((await sdk.user.subscription.get()).tier).toBe('creator')
  expect((await sdk.models.list()).length).toBeGreaterThan(1)
  await complete('voices.search', 'GET', '/v2/voices')
  await complete('voices.getAll', 'GET', '/v1/voices')
  await complete('models.list', 'GET', '/v1/models')
  await complete('user.get', 'GET', '/v1/user')
  await complete('user.subscription', 'GET', '/v1/user/subscription')
  await complete('settings.get', 'GET', '/v1/convai/settings')
})

test('documents are kept, attached, counted as used and guarded while in use', async () => {
  const { documents } = sdk.conversationalAi.knowledgeBase
  const text = 'Parking is free behind the building.'
  const { id } = await documents.createFromText({ text, name: 'Parking' })
  await complete('knowledge.get', 'GET', `/v1/convai/knowledge-base/${id}`)
  await complete('knowledge.list', 'GET', '/v1/convai/knowledge-base')
  const file = new File([Buffer.from('Bring your card.')], 'card.txt', { type: 'text/plain' })
  const uploaded = await documents.createFromFile({ file, name: 'Card' })
  expect((await documents.get(uploaded.id)).name).toBe('Card')

  const agentId = await anAgent(bench, {
    config: { agent: { prompt: { knowledge_base: [{ type: 'text', name: 'Parking', id }] } } },
  })
  const users = await complete(
    'knowledge.dependents',
    'GET',
    `/v1/convai/knowledge-base/${id}/dependent-agents`,
  )
  expect(readList(users, 'agents').map((user) => readText(user, 'id'))).toEqual([agentId])
  expect((await bench.rest('DELETE', `/v1/convai/knowledge-base/${id}`)).status).toBe(400)
  expect((await bench.rest('DELETE', `/v1/convai/knowledge-base/${id}?force=true`)).status).toBe(
    200,
  )
  const agent = await bench.rest('GET', `/v1/convai/agents/${agentId}`)
  expect(readList(agent.body, 'conversation_config', 'agent', 'prompt', 'knowledge_base')).toEqual(
    [],
  )
})

test('a finished conversation is listed, read whole, heard as MP3 and deleted', async () => {
  const agentId = await anAgent(bench)
  const caller = await Caller.to(bench, agentId, { user_id: 'org_1' })
  await caller.response('Hello, Northwind Dental.')
  await caller.say('Where are you?')
  await caller.event('agent_response', 2)
  await caller.hangUp()
  const { conversationId } = caller
  await settled(bench, conversationId)

  const path = `/v1/convai/conversations/${conversationId}`
  const detail = await complete('conversations.get', 'GET', path)
  expect(readObject(detail, 'metadata').cost).toBeTypeOf('number')
  const page = await sdk.conversationalAi.conversations.list({ agentId, userId: 'org_1' })
  expect(page.conversations.map((item) => item.conversationId)).toEqual([conversationId])
  await complete('conversations.list', 'GET', '/v1/convai/conversations?summary_mode=include')
  await complete('conversations.summary', 'GET', `${path}/summary`)

  const whole = await sdk.conversationalAi.conversations.get(conversationId)
  expect(whole.status).toBe('done')
  expect(whole.hasAudio).toBe(true)
  expect(whole.transcript.map((turn) => turn.role)).toEqual(['agent', 'user', 'agent'])
  expect(whole.analysis?.callSuccessful).toBe('success')

  const audio = await sdk.conversationalAi.conversations.audio.get(conversationId)
  const parts: Uint8Array[] = []
  for await (const part of audio) parts.push(part)
  expect(Buffer.concat(parts)[0]).toBe(0xff)

  await sdk.conversationalAi.conversations.delete(conversationId)
  expect((await bench.rest('GET', path)).status).toBe(404)
})

test('a signed URL leads back to the same origin', async () => {
  const agentId = await anAgent(bench)
  const { signedUrl: url } = await sdk.conversationalAi.conversations.getSignedUrl({ agentId })
  expect(new URL(url).host).toBe(new URL(bench.vendor.url).host)
  expect(url).toMatch(/^ws:.*agent_id=.*conversation_signature=/)
  expect(await signedUrl(bench, agentId, '&include_conversation_id=true')).toContain(
    'conversation_id=conv_',
  )
})

test('a request can be made to fail once, and the journal shows what was asked', async () => {
  bench.faults.add({
    vendor: 'elevenlabs',
    on: 'request',
    path: '/v1/convai/agents/create',
    action: {
      type: 'status',
      status: 500,
      body: { detail: { status: 'system_busy', message: '' } },
    },
  })
  const create = () =>
    sdk.conversationalAi.agents.create({ conversationConfig: {} }, { maxRetries: 0 })
  await expect(create()).rejects.toMatchObject({ statusCode: 500 })
  await expect(create()).resolves.toHaveProperty('agentId')
  const asked = bench.journal.entries({ vendor: 'elevenlabs', path: '/agents/create' })
  expect(asked.map((entry) => entry.status)).toEqual([500, 200])
})
