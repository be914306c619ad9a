import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { Ear, type Heard } from '../speech/ear.ts'
import type { Relay } from './relay.ts'
import {
  aListener,
  aReceptionist,
  aSandbox,
  type Bench,
  businessNumber,
  callerNumber,
  control,
  greeting,
} from './testing.ts'

let bench: Bench
let relay: Relay
let api: ReturnType<typeof control>

beforeAll(async () => {
  bench = await aSandbox()
  api = control(bench)
  relay = await aReceptionist(bench)
})
afterAll(async () => {
  await bench.dispose()
  await relay.close()
})
beforeEach(() => bench.faults.clear())

const call = { from: callerNumber, to: businessNumber }

async function dial(more: object = {}): Promise<string> {
  const { status, body } = await api('POST', '/sandbox/calls', { ...call, ...more })
  expect(status).toBe(201)
  expect(body).toEqual({ callSid: expect.stringMatching(/^CA[0-9a-f]{32}$/) })
  return String((body as { callSid: string }).callSid)
}

async function ended(callSid: string): Promise<void> {
  await bench.twilio.leg(callSid)?.until(({ kind }) => kind === 'ended', 20_000)
}

// Calls take their time; those that do not disturb each other take it together.
test.concurrent('a scripted call goes through the agent and back, and its story can be read', async () => {
  const question = 'How much does a cleaning cost?'
  const callSid = await dial({
    script: [{ hear: greeting }, { say: question }, { hear: 'ninety dollars' }, { hangUp: true }],
  })
  await ended(callSid)
  const { body } = await api('GET', `/sandbox/calls/${callSid}`)
  expect(body).toMatchObject({
    callSid,
    ...call,
    status: 'completed',
    script: { done: true },
    said: [{ speaker: 'caller', kind: 'final', text: question }],
    heard: [
      { speaker: 'agent', kind: 'final', text: greeting },
      { speaker: 'agent', kind: 'final', text: expect.stringContaining('ninety dollars') },
    ],
    agent: {
      turns: [
        { speaker: 'agent', text: greeting },
        { speaker: 'caller', text: question },
        { speaker: 'agent', text: expect.stringContaining('ninety dollars') },
      ],
    },
  })
  expect((body as { script: object }).script).toEqual({ done: true })
})

test.concurrent('a script that waits in vain says at which step it failed and why', async () => {
  const script = [{ hear: greeting }, { hear: 'never said', timeoutMs: 300 }, { hangUp: true }]
  const callSid = await dial({ script })
  await ended(callSid)
  expect((await api('GET', `/sandbox/calls/${callSid}`)).body).toMatchObject({
    script: { done: true, failedStep: 1, why: expect.stringContaining('never said') },
  })
})

test.concurrent('a call driven by hand speaks what is typed, word by word on the page, until it hangs up', async () => {
  const callSid = await dial()
  const page = await aListener(bench, callSid)
  await page.until((one) => isTurn(one, { speaker: 'agent', kind: 'final', text: greeting }))
  const partial = page.news.filter((one) => isTurn(one, { speaker: 'agent', kind: 'speaking' }))
  expect(partial.length).toBeGreaterThan(1)

  const text = 'Where is the practice?'
  const said = await api('POST', `/sandbox/calls/${callSid}/say`, { text })
  expect(said).toMatchObject({ status: 200, body: { durationMs: expect.any(Number) } })
  await page.until((one) => isTurn(one, { speaker: 'caller', kind: 'final', text }))
  await page.until((one) => one.type === 'agent' && JSON.stringify(one).includes(text))

  await api('POST', `/sandbox/calls/${callSid}/press`, { digits: '5' })
  await page.until((one) => JSON.stringify(one).includes('"dtmf"'))
  expect((await api('POST', `/sandbox/calls/${callSid}/hangup`)).body).toEqual({
    status: 'completed',
  })
  await page.until((one) => one.type === 'status' && one.status === 'completed')
  page.close()
})

test.concurrent('the bytes on the page are the bytes of the line: an ear over them hears both sides', async () => {
  const callSid = await dial()
  const page = await aListener(bench, callSid)
  await page.until((one) => isTurn(one, { speaker: 'agent', kind: 'final', text: greeting }))
  const text = 'A short question.'
  await api('POST', `/sandbox/calls/${callSid}/say`, { text })
  await page.until((one) => isTurn(one, { speaker: 'caller', kind: 'final', text }))
  await api('POST', `/sandbox/calls/${callSid}/hangup`)
  page.close()
  expect(overheard(page.bytes[1])).toContain(greeting)
  expect(overheard(page.bytes[0])).toContain(text)
})

test.concurrent('a page that comes late is first told everything that was said', async () => {
  const callSid = await dial({ script: [{ hear: greeting }, { hangUp: true }] })
  await ended(callSid)
  const page = await aListener(bench, callSid)
  const snapshot = await page.until((one) => one.type === 'snapshot')
  page.close()
  expect(snapshot).toMatchObject({
    status: 'completed',
    turns: [{ speaker: 'agent', kind: 'final', text: greeting }],
    log: expect.arrayContaining([expect.objectContaining({ kind: 'answered' })]),
  })
})

test.concurrent('the recording is a stereo WAV of the call', async () => {
  const callSid = await dial({ script: [{ hear: greeting }, { hangUp: true }] })
  await ended(callSid)
  const response = await fetch(`${bench.control.url}/sandbox/calls/${callSid}/recording`)
  const wav = Buffer.from(await response.arrayBuffer())
  expect(response.headers.get('content-type')).toBe('audio/wav')
  expect(wav.subarray(0, 4).toString()).toBe('RIFF')
  expect([wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([2, 8_000])
})

test.concurrent('a page of another origin may not listen to a call', async () => {
  const callSid = await dial({ script: [{ hear: greeting }, { hangUp: true }] })
  const url = `${bench.control.url.replace('http', 'ws')}/sandbox/calls/${callSid}/audio`
  const foreign = new WebSocket(url, { origin: 'https://elsewhere.example' })
  const [error] = await once(foreign, 'error')
  expect(String(error)).toContain('409')
  const absent = new WebSocket(url.replace(callSid, 'CA0'))
  expect(String((await once(absent, 'error'))[0])).toContain('404')
  await ended(callSid)
})

test('one flipped bit of the agent’s speech is heard as damage, with its place, and is counted', async () => {
  bench.faults.add({ vendor: 'elevenlabs', on: 'socket', action: { type: 'flip', frame: 2 } })
  const callSid = await dial()
  const page = await aListener(bench, callSid)
  const damaged = await page.until((one) => isTurn(one, { speaker: 'agent', kind: 'damaged' }))
  expect(damaged).toMatchObject({
    turn: { damage: { meant: greeting, note: 'altered in place', firstBadMs: expect.any(Number) } },
  })
  await api('POST', `/sandbox/calls/${callSid}/hangup`)
  page.close()
  expect((await api('GET', '/sandbox/status')).body).toMatchObject({
    unrecognisedByCaller: 1,
    liveLegs: 0,
  })
})

test('one flipped bit of the caller’s speech is told from the agent’s end, with its place', async () => {
  const text = 'This sentence is long enough to be met by the fault that is set for it.'
  // Counted from the start of the stream: the greeting takes two seconds, this sentence four.
  bench.faults.add({ vendor: 'twilio', on: 'socket', action: { type: 'flip', frame: 175 } })
  const spoiled = await dial({
    script: [{ hear: greeting }, { say: text }, { pause: 1_000 }, { hangUp: true }],
  })
  await ended(spoiled)
  expect((await api('GET', `/sandbox/calls/${spoiled}`)).body).toMatchObject({
    said: [{ kind: 'final', text }],
    agent: { damaged: [{ meant: text, note: 'altered in place' }] },
  })
})

test('the numbers that can be dialled are those the account owns', async () => {
  expect((await api('GET', '/sandbox/numbers')).body).toEqual([
    { number: businessNumber, name: expect.any(String), isAnswered: true },
  ])
})

test('somebody who is called answers as they were told to: busy, by script, or in person', async () => {
  const to = '+15550100777'
  const placed = async () => {
    const { sid, authToken } = bench.twilio.account
    const response = await fetch(`${bench.twilio.url}/2010-04-01/Accounts/${sid}/Calls.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${sid}:${authToken}`)}` },
      body: new URLSearchParams({
        From: businessNumber,
        To: to,
        Twiml: '<Response><Pause length="3"/></Response>',
      }),
    })
    const { sid: callSid } = (await response.json()) as { sid: string }
    await ended(callSid)
    return callSid
  }
  const path = `/sandbox/people/${encodeURIComponent(to)}`
  await api('PUT', path, { answers: 'busy' })
  expect((await api('GET', `/sandbox/calls/${await placed()}`)).body).toMatchObject({
    status: 'busy',
    direction: 'outbound-api',
  })

  await api('PUT', path, {
    answers: 'script',
    script: [{ say: 'Hi, this is Bo.' }, { hangUp: true }],
  })
  expect((await api('GET', `/sandbox/calls/${await placed()}`)).body).toMatchObject({
    status: 'completed',
    said: [{ text: 'Hi, this is Bo.', kind: 'final' }],
  })

  expect((await api('DELETE', path)).status).toBe(204)
  expect((await api('GET', '/sandbox/people')).body).toEqual([])
  expect((await api('GET', `/sandbox/calls/${await placed()}`)).body).toMatchObject({
    status: 'completed',
    said: [],
  })
})

test('a malformed number, an empty script, unknown keys and an unknown step are refused', async () => {
  const refused = async (body: object) => {
    const answer = await api('POST', '/sandbox/calls', { ...call, ...body })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    return { status: answer.status, body: answer.body }
  }
  expect(await refused({ to: '911' })).toMatchObject({
    status: 422,
    body: { code: 'sandbox.invalid', errors: [{ path: 'to' }] },
  })
  for (const body of [{ script: [] }, { script: [{ shout: 'x' }] }, { voice: '../x' }, { tone: 1 }])
    expect((await refused(body)).status).toBe(422)
  expect((await api('POST', '/sandbox/calls', '{"from":')).status).toBe(400)
})

test('a call that does not exist is absent, and one that is over takes no more words', async () => {
  for (const path of ['', '/say', '/press', '/hangup'])
    expect(
      await api(
        path ? 'POST' : 'GET',
        `/sandbox/calls/CA0${path}`,
        path ? { text: 'x', digits: '1' } : undefined,
      ),
    ).toMatchObject({ status: path === '/hangup' || path === '' ? 404 : 422 })
  expect((await api('POST', '/sandbox/calls/CA0/say', { text: 'x' })).status).toBe(404)

  const callSid = await dial({ script: [{ hangUp: true }] })
  await ended(callSid)
  expect(await api('POST', `/sandbox/calls/${callSid}/say`, { text: 'x' })).toMatchObject({
    status: 409,
    body: { code: 'sandbox.call_over' },
  })
})

function isTurn(one: { type: string; turn?: unknown }, wanted: Record<string, string>): boolean {
  if (one.type !== 'turn' || typeof one.turn !== 'object' || one.turn === null) return false
  const turn = new Map(Object.entries(one.turn))
  return Object.entries(wanted).every(([key, value]) => turn.get(key) === value)
}

function overheard(bytes: number[]): string[] {
  const texts: string[] = []
  const ear = new Ear(bench.book, (heard: Heard) => {
    if (heard.kind === 'final') texts.push(heard.utterance.text)
  })
  ear.hear(Uint8Array.from(bytes))
  ear.flush()
  return texts
}
