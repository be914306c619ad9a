import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FaultAction } from '../../kit/faults.ts'
import { isObject, type Json, readList, readNumber, readText } from '../json.ts'
import {
  API_KEY,
  aBench,
  anAgent,
  type Bench,
  Caller,
  settled,
  WEBHOOK_SECRET,
} from '../testing.ts'
import { sign } from './post-call.ts'

type Delivery = { signature: string; body: string; data: Json; type: string }

/** A receiver of webhooks that answers as told. */
class Receiver {
  readonly deliveries: Delivery[] = []
  readonly statuses: number[] = []
  readonly #server: Server
  #watch: (() => void) | undefined

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = Buffer.concat(parts).toString()
        const parsed: unknown = JSON.parse(body)
        const data = isObject(parsed) && isObject(parsed.data) ? parsed.data : {}
        const signature = String(request.headers['elevenlabs-signature'])
        this.deliveries.push({ signature, body, data, type: readText(parsed, 'type') })
        response.writeHead(this.statuses.shift() ?? 200).end()
        this.#watch?.()
      })
    })
  }

  async url(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/webhooks/elevenlabs`
  }

  async received(count: number): Promise<Delivery[]> {
    while (this.deliveries.length < count)
      await new Promise<void>((resolve) => {
        this.#watch = resolve
      })
    return this.deliveries
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

let bench: Bench
let receiver: Receiver
beforeEach(async () => {
  receiver = new Receiver()
  bench = await aBench({
    postCallWebhookUrl: await receiver.url(),
    timings: { webhookRetryMs: 20, chunkEveryMs: 1 },
  })
})
afterEach(async () => {
  await bench.vendor.close()
  receiver.close()
})

async function aCall(agentId: string): Promise<string> {
  const caller = await Caller.to(bench, agentId, { dynamic_variables: { call_sid: 'CA1' } })
  await caller.response('Hello, Northwind Dental.')
  await caller.say('How much is a cleaning?')
  await caller.response('A cleaning costs ninety dollars.')
  const { conversationId } = caller
  await caller.hangUp()
  return conversationId
}

test('the signature of a known body is the one the vendor published', () => {
  expect(sign('{"type":"post_call_transcription"}', 'wsec_test', 1_700_000_000)).toBe(
    't=1700000000,v0=8580fe46ca40876a1f93f7a34277501134e83d7dd8472e950b34c3b9c4d1e248',
  )
})

test('after a call the webhook carries the conversation, and the SDK accepts its signature', async () => {
  const conversationId = await aCall(await anAgent(bench))
  const [delivery] = await receiver.received(1)
  const sdk = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: bench.vendor.url })
  const event: unknown = await sdk.webhooks.constructEvent(
    delivery?.body ?? '',
    delivery?.signature ?? '',
    WEBHOOK_SECRET,
  )
  expect(readText(event, 'type')).toBe('post_call_transcription')
  expect(delivery?.data).toEqual(await settled(bench, conversationId))
  expect(delivery?.data).toMatchObject({ status: 'done', conversation_id: conversationId })
  expect(
    readText(
      delivery?.data,
      'conversation_initiation_client_data',
      'dynamic_variables',
      'call_sid',
    ),
  ).toBe('CA1')
  await expect(
    sdk.webhooks.constructEvent(`${delivery?.body} `, delivery?.signature ?? '', WEBHOOK_SECRET),
  ).rejects.toMatchObject({ statusCode: 400 })
})

test('a conversation is in progress, then processing without analysis, then done with its cost', async () => {
  await bench.vendor.close()
  bench = await aBench({ postCallDelayMs: 300, timings: { chunkEveryMs: 1 } })
  const caller = await Caller.to(bench, await anAgent(bench))
  await caller.response('Hello, Northwind Dental.')
  const path = `/v1/convai/conversations/${caller.conversationId}`
  expect((await bench.rest('GET', path)).body).toMatchObject({ status: 'in-progress' })
  await caller.say('How much is a cleaning?')
  await caller.response('A cleaning costs ninety dollars.')
  await caller.hangUp()
  expect((await bench.rest('GET', path)).body).toMatchObject({
    status: 'processing',
    analysis: null,
    has_audio: false,
    metadata: { cost: null },
  })
  expect((await bench.rest('GET', `${path}/audio`)).status).toBe(404)
  const done = await settled(bench, caller.conversationId)
  expect(done).toMatchObject({
    has_audio: true,
    analysis: { call_successful: 'success' },
    metadata: { termination_reason: 'Client disconnected: 1000' },
  })
  expect(readNumber(-1, done, 'metadata', 'cost')).toBeGreaterThan(0)
})

test('the analysis judges the agent’s criteria and collects what was asked for', async () => {
  const platform = {
    auth: { enable_auth: true },
    evaluation: {
      criteria: [
        {
          id: 'price',
          name: 'Price',
          type: 'prompt',
          conversation_goal_prompt: 'The cleaning price was given.',
        },
        {
          id: 'parrot',
          name: 'Parrot',
          type: 'prompt',
          conversation_goal_prompt: 'A parrot was sold.',
        },
      ],
    },
    data_collection: {
      cleaning: { type: 'string', description: 'What the caller said of a cleaning' },
    },
  }
  const config = { conversation: { text_only: true } }
  const caller = await Caller.to(bench, await anAgent(bench, { platform, config }))
  await caller.response('Hello, Northwind Dental.')
  caller.send({ type: 'user_message', text: 'How much is a cleaning?' })
  await caller.response('A cleaning costs ninety dollars.')
  await caller.hangUp()
  const { analysis } = await settled(bench, caller.conversationId)
  expect(analysis).toMatchObject({
    evaluation_criteria_results: { price: { result: 'success' }, parrot: { result: 'failure' } },
    data_collection_results: { cleaning: { value: 'How much is a cleaning?' } },
  })
})

test('a failed delivery is sent again until it is taken', async () => {
  receiver.statuses.push(500, 503)
  await aCall(await anAgent(bench))
  const deliveries = await receiver.received(3)
  expect(new Set(deliveries.map((delivery) => delivery.body)).size).toBe(1)
  const listed = await bench.rest('GET', '/v1/workspace/webhooks')
  expect(readList(listed.body, 'webhooks')[0]).toMatchObject({
    most_recent_failure_error_code: 503,
  })
})

test('a refusal by the receiver is not sent again', async () => {
  receiver.statuses.push(400)
  const conversationId = await aCall(await anAgent(bench))
  await receiver.received(1)
  await settled(bench, conversationId)
  await aCall(await anAgent(bench))
  const [first, second] = await receiver.received(2)
  expect(second?.data.conversation_id).not.toBe(first?.data.conversation_id)
})

test('an agent may have a webhook of its own and ask for the audio too', async () => {
  const own = new Receiver()
  const created = await bench.rest('POST', '/v1/workspace/webhooks', {
    settings: { auth_type: 'hmac', name: 'Own', webhook_url: await own.url() },
  })
  expect(readText(created.body, 'webhook_secret')).toBe(WEBHOOK_SECRET)
  const platform = {
    auth: { enable_auth: true },
    workspace_overrides: {
      webhooks: {
        post_call_webhook_id: readText(created.body, 'webhook_id'),
        events: ['transcript', 'audio'],
      },
    },
  }
  await aCall(await anAgent(bench, { platform }))
  const deliveries = await own.received(2)
  own.close()
  expect(deliveries.map((d) => d.type)).toEqual(['post_call_transcription', 'post_call_audio'])
  const mp3 = Buffer.from(readText(deliveries[1]?.data, 'full_audio'), 'base64')
  expect(mp3[0]).toBe(0xff)
  expect(receiver.deliveries).toEqual([])
})

const onWebhook = (action: FaultAction) =>
  bench.faults.add({ vendor: 'elevenlabs', on: 'webhook', action })

test('a delivery can be doubled', async () => {
  onWebhook({ type: 'duplicate' })
  await aCall(await anAgent(bench))
  const [first, second] = await receiver.received(2)
  expect(second?.body).toBe(first?.body)
})

test('a delivery can be lost, and the conversation is still there to be polled', async () => {
  onWebhook({ type: 'lose' })
  const agentId = await anAgent(bench)
  const lost = await aCall(agentId)
  expect((await settled(bench, lost)).status).toBe('done')
  const next = await aCall(agentId)
  const deliveries = await receiver.received(1)
  expect(deliveries.map((delivery) => delivery.data.conversation_id)).toEqual([next])
})

test('two deliveries can change places', async () => {
  onWebhook({ type: 'reorder' })
  const agentId = await anAgent(bench)
  const first = await aCall(agentId)
  const second = await aCall(agentId)
  const deliveries = await receiver.received(2)
  expect(deliveries.map((delivery) => delivery.data.conversation_id)).toEqual([second, first])
})
