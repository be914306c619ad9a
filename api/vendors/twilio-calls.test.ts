import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { PhraseBook } from '../../sandbox/speech/book.ts'
import { formantEngine } from '../../sandbox/speech/formant.ts'
import { startTwilio, type TwilioStandIn } from '../../sandbox/twilio/start.ts'
import { twilioClient } from './twilio.ts'

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'sandbox-twilio-auth-token' }
const FROM = '+14155550100'
const journal = new Journal()
const faults = new Faults()
const told: { path: string; params: Record<string, string> }[] = []
let standIn: TwilioStandIn
let client: ReturnType<typeof twilioClient>
let product: ReturnType<typeof createServer>
let url: string

beforeAll(async () => {
  product = createServer((request, response) => {
    void read(request).then((params) => {
      told.push({ path: request.url ?? '', params })
      response.writeHead(200, { 'content-type': 'text/xml' })
      response.end('<Response><Say>Hello</Say><Pause length="60"/></Response>')
    })
  })
  await new Promise<void>((listening) => product.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(product.address() as AddressInfo).port}`
  standIn = await startTwilio({
    port: 0,
    ...account,
    book: new PhraseBook(formantEngine()),
    journal,
    faults,
    numbers: [{ phoneNumber: FROM, voiceUrl: `${url}/voice` }],
  })
  client = twilioClient({ ...account, baseUrl: standIn.url })
})
afterEach(() => {
  faults.clear()
  told.length = 0
})
afterAll(async () => {
  await standIn.close()
  product.closeAllConnections()
  await new Promise((closed) => product.close(closed))
})

async function read(request: IncomingMessage): Promise<Record<string, string>> {
  let body = ''
  for await (const chunk of request) body += chunk
  return Object.fromEntries(new URLSearchParams(body))
}

const order = (to: string) => ({
  from: FROM,
  to,
  answerUrl: `${url}/answer?call=1`,
  fallbackUrl: `${url}/fallback`,
  statusUrl: `${url}/status?call=1`,
  answeredByUrl: `${url}/answering?call=1`,
  ringSeconds: 30,
  timeLimitSeconds: 60,
})
const past = new Date(0)

test('a call is placed, its answer fetched, its statuses told, and who answered', async () => {
  standIn.answerOutbound = () => ({
    answeredBy: 'machine_start',
    attached: () => undefined,
    hears: () => undefined,
    ended: () => undefined,
  })
  const created = await client.createCall(order('+12125550101'))
  if (created.outcome !== 'created') throw new Error(created.outcome)
  const paths = () => told.map(({ path, params }) => `${path} ${params.CallStatus ?? ''}`.trim())
  await expect.poll(paths, { timeout: 5_000 }).toContain('/answering?call=1')
  expect(paths()).toEqual(
    expect.arrayContaining([
      '/status?call=1 initiated',
      '/status?call=1 ringing',
      '/status?call=1 in-progress',
      '/answer?call=1 in-progress',
    ]),
  )
  const verdict = told.find(({ path }) => path.startsWith('/answering'))
  expect(verdict?.params).toMatchObject({
    CallSid: created.twilioCallSid,
    AnsweredBy: 'machine_start',
  })
  const found = await client.findCalls({ from: FROM, to: '+12125550101', createdAfter: past })
  expect(found.map(({ twilioCallSid }) => twilioCallSid)).toEqual([created.twilioCallSid])
  await client.endCall(created.twilioCallSid)
})

test('a number Twilio does not call is refused with its code and words', async () => {
  const refused = await client.createCall({ ...order('+12125550102'), from: '+14155550199' })
  expect(refused).toMatchObject({ outcome: 'refused', code: '21210' })
  expect(refused).toHaveProperty('words', expect.stringContaining('not yet verified'))
})

test.each([
  [{ type: 'drop' }, '+12125550103', 0],
  [{ type: 'status', status: 503 }, '+12125550104', 0],
  // Accepted, and the answer lost on its way.
  [{ type: 'reset', afterBytes: 10 }, '+12125550105', 1],
] as const)(
  'a creation that meets %j is asked for once and may have been',
  async (action, to, placed) => {
    faults.add({ vendor: 'twilio', on: 'request', path: '/Calls.json', method: 'POST', action })
    const posts = () =>
      journal.entries({ vendor: 'twilio', kind: 'request' }).filter((e) => e.method === 'POST')
        .length
    const before = posts()
    expect(await client.createCall(order(to))).toMatchObject({ outcome: 'unknown' })
    expect(posts() - before).toBe(1)
    const found = await client.findCalls({ from: FROM, to, createdAfter: past })
    expect(found).toHaveLength(placed)
  },
)

test('nobody there at all is not known to have failed either', async () => {
  const nobody = twilioClient({ ...account, baseUrl: 'http://127.0.0.1:9' })
  expect(await nobody.createCall(order('+12125550109'))).toMatchObject({ outcome: 'unknown' })
})

test('calls of before, and calls to us, are not found', async () => {
  const created = await client.createCall(order('+12125550106'))
  if (created.outcome !== 'created') throw new Error(created.outcome)
  const find = (createdAfter: Date) =>
    client.findCalls({ from: FROM, to: '+12125550106', createdAfter })
  expect(await find(new Date(Date.now() + 60_000))).toEqual([])
  expect(await find(past)).toHaveLength(1)
  expect(await client.findCalls({ from: FROM, to: '+12125550107', createdAfter: past })).toEqual([])
  await client.endCall(created.twilioCallSid)
})
