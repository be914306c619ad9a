import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readList, readText } from './json.ts'
import { SignedUrls } from './signed-urls.ts'
import { aBench, anAgent, Caller, settled } from './testing.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'elevenlabs-'))
})
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
})

async function audioOf(bench: Awaited<ReturnType<typeof aBench>>, conversationId: string) {
  const response = await fetch(
    `${bench.vendor.url}/v1/convai/conversations/${conversationId}/audio`,
    { headers: { 'xi-api-key': 'sk_test_sandbox' } },
  )
  return {
    type: response.headers.get('content-type'),
    bytes: Buffer.from(await response.arrayBuffer()),
  }
}

test('agents, documents, settings, conversations and their audio survive a restart', async () => {
  const first = await aBench({ dataDir, postCallWebhookUrl: 'http://127.0.0.1:9/webhooks' })
  const agentId = await anAgent(first)
  const caller = await Caller.to(first, agentId)
  await caller.response('Hello, Northwind Dental.')
  const { conversationId } = caller
  await caller.hangUp()
  const before = await settled(first, conversationId)
  const spoken = await audioOf(first, conversationId)
  await first.vendor.close()

  const second = await aBench({ dataDir, postCallWebhookUrl: 'http://127.0.0.1:9/webhooks' })
  const path = `/v1/convai/conversations/${conversationId}`
  expect((await second.rest('GET', `/v1/convai/agents/${agentId}`)).status).toBe(200)
  expect((await second.rest('GET', path)).body).toEqual(before)
  expect(spoken.type).toBe('audio/mpeg')
  expect(spoken.bytes.length).toBeGreaterThan(0)
  expect(await audioOf(second, conversationId)).toEqual(spoken)
  const { body } = await second.rest('GET', '/v1/workspace/webhooks')
  expect(readList(body, 'webhooks').map((webhook) => readText(webhook, 'webhook_url'))).toEqual([
    'http://127.0.0.1:9/webhooks',
  ])
  expect(readdirSync(join(dataDir, 'elevenlabs-audio'))).toHaveLength(1)
  await second.rest('DELETE', path)
  expect(readdirSync(join(dataDir, 'elevenlabs-audio'))).toEqual([])
  await second.vendor.close()
})

test('a call that was live when the stand-in stopped is failed', async () => {
  const first = await aBench({ dataDir })
  const caller = await Caller.to(first, await anAgent(first))
  await caller.response('Hello, Northwind Dental.')
  const { conversationId } = caller
  await first.vendor.close()
  await caller.end()
  const second = await aBench({ dataDir })
  const path = `/v1/convai/conversations/${conversationId}`
  expect((await second.rest('GET', path)).body).toMatchObject({ status: 'failed' })
  await second.vendor.close()
})

test('a signature is good for fifteen minutes', () => {
  let now = 0
  const urls = new SignedUrls(() => now)
  const signature = urls.issue('agent_1')
  now = 15 * 60_000
  expect(urls.redeem(signature, 'agent_1')).toEqual({ conversationId: undefined })
  expect(urls.redeem(signature, 'agent_2')).toBeUndefined()
  now += 1
  expect(urls.redeem(signature, 'agent_1')).toBeUndefined()
})
