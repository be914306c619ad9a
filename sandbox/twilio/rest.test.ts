// The stand-in as the vendor's own SDK sees it, and every answer against the documented shape.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import twilio from 'twilio'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Ear, type Heard } from '../speech/ear.ts'
import { encode } from '../speech/mulaw.ts'
import { ScriptedCaller } from './caller.ts'
import { fastClock } from './clock.ts'
import { silentPerson } from './party.ts'
import { ACCOUNT_SID, AUTH_TOKEN, aRig, CALLER, OUR_NUMBER, type Rig, twiml } from './testing.ts'

type Shape = Record<
  string,
  { type: string; nullable: boolean; enum?: string[]; pattern?: string; format?: string }
>

const shapes: Record<string, Shape> = JSON.parse(
  readFileSync(new URL('./fixtures/shapes.json', import.meta.url), 'utf8'),
)
// Answered by the service and missing in its own description.
const UNDOCUMENTED: Record<string, string[]> = {
  call: ['annotation'],
  incomingPhoneNumber: ['subresource_uris'],
}

type RequestOptions<T> = Parameters<typeof twilio.RequestClient.prototype.request<T>>[0]

class LocalHttp extends twilio.RequestClient {
  readonly #origin: string
  constructor(origin: string) {
    super({ timeout: 5_000 })
    this.#origin = origin
  }

  override request<T>(options: RequestOptions<T>) {
    const url = new URL(options.uri)
    options.uri = this.#origin + url.pathname + url.search
    return super.request<T>(options)
  }
}

let rig: Rig
let client: twilio.Twilio
beforeEach(async () => {
  rig = await aRig({ clock: fastClock(5) })
  client = sdk(AUTH_TOKEN)
})
afterEach(() => rig.close())

function sdk(token: string): twilio.Twilio {
  return twilio(ACCOUNT_SID, token, { httpClient: new LocalHttp(rig.twilio.url) })
}

async function raw(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`
  const response = await fetch(`${rig.twilio.url}/2010-04-01/Accounts/${ACCOUNT_SID}${path}`, {
    headers: { authorization },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function expectShape(name: string, value: unknown): void {
  const shape = shapes[name]!
  const body = value as Record<string, unknown>
  const known = [...Object.keys(shape), ...(UNDOCUMENTED[name] ?? [])].sort()
  expect(Object.keys(body).sort()).toEqual(known)
  for (const [key, rule] of Object.entries(shape)) {
    const field = body[key]
    if (field === null) {
      expect(rule.nullable, `${key} may be null`).toBe(true)
      continue
    }
    expect(rule.type === 'integer' ? 'number' : rule.type, key).toBe(typeof field)
    if (rule.enum) expect(rule.enum).toContain(field)
    if (rule.pattern && field !== '') expect(field).toMatch(new RegExp(rule.pattern))
    if (rule.format === 'date-time-rfc-2822')
      expect(field).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/)
  }
}

async function aLiveCall(verbs = '<Pause length="60"/>') {
  rig.product.on('/voice', twiml(`<Say>Hi.</Say>${verbs}`))
  const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER })
  await leg.until((e) => e.kind === 'answered', 10_000)
  return leg
}

describe('account', () => {
  test('the account and its balance are fetched', async () => {
    const account = await client.api.v2010.accounts(ACCOUNT_SID).fetch()
    expect(account).toMatchObject({ sid: ACCOUNT_SID, status: 'active' })
    expect(await client.balance.fetch()).toMatchObject({ currency: 'USD' })
    expectShape('account', (await raw('.json')).body)
    expectShape('balance', (await raw('/Balance.json')).body)
  })

  test('a wrong token is refused with 401 and 20003', async () => {
    await expect(sdk('wrong').balance.fetch()).rejects.toMatchObject({ status: 401, code: 20003 })
  })

  test('another account and a path nobody knows are 404 and 20404', async () => {
    const other = client.api.v2010.accounts(`AC${'f'.repeat(32)}`)
    await expect(other.fetch()).rejects.toMatchObject({ status: 404, code: 20404 })
    expect(await raw('/Nothing.json')).toMatchObject({ status: 404, body: { code: 20404 } })
  })
})

describe('phone numbers', () => {
  test('a number is searched, bought, set up, found, and released', async () => {
    const [found] = await client.availablePhoneNumbers('US').local.list({ areaCode: 512, limit: 1 })
    expect(found).toMatchObject({ region: 'TX', isoCountry: 'US' })
    const bought = await client.incomingPhoneNumbers.create({
      phoneNumber: found!.phoneNumber,
      voiceUrl: `${rig.product.url}/voice`,
    })
    expect(bought).toMatchObject({ phoneNumber: found!.phoneNumber, voiceMethod: 'POST' })
    const again = await client.availablePhoneNumbers('US').local.list({ areaCode: 512 })
    expect(again.map((n) => n.phoneNumber)).not.toContain(found!.phoneNumber)

    const number = client.incomingPhoneNumbers(bought.sid)
    await number.update({
      voiceFallbackUrl: 'https://x.example/f',
      voiceUrl: '',
      friendlyName: 'Desk',
    })
    const now = await number.fetch()
    expect(now).toMatchObject({ voiceFallbackUrl: 'https://x.example/f', voiceUrl: '' })
    expect(
      await client.incomingPhoneNumbers.list({ phoneNumber: bought.phoneNumber }),
    ).toHaveLength(1)
    expect(await client.incomingPhoneNumbers.list({ friendlyName: 'Desk' })).toHaveLength(1)
    expect(await number.remove()).toBe(true)
    await expect(number.fetch()).rejects.toMatchObject({ status: 404, code: 20404 })
  })

  test('a number nobody offers, a malformed one and a malformed address are refused', async () => {
    const buy = (phoneNumber: string, voiceUrl = '') =>
      client.incomingPhoneNumbers.create({ phoneNumber, voiceUrl })
    await expect(buy('+19995550100')).rejects.toMatchObject({ status: 400, code: 21422 })
    await expect(buy(OUR_NUMBER)).rejects.toMatchObject({ code: 21422 })
    await expect(buy('555')).rejects.toMatchObject({ code: 21421 })
    await expect(buy('+15125550101', 'nowhere')).rejects.toMatchObject({ code: 21402 })
    expect(await client.incomingPhoneNumbers.list()).toHaveLength(1)
  })

  test('answers have the documented keys, types, dates and patterns', async () => {
    const list = (await raw('/IncomingPhoneNumbers.json')).body
    const { incoming_phone_numbers: numbers, ...envelope } = list
    expectShape('incomingPhoneNumber', (numbers as unknown[])[0])
    expectShape('listEnvelope', envelope)
    const search = (await raw('/AvailablePhoneNumbers/US/Local.json?PageSize=1')).body
    expectShape('availablePhoneNumber', (search.available_phone_numbers as unknown[])[0])
  })

  test('numbers outlive the process when they have a folder', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'twilio-'))
    try {
      await rig.close()
      rig = await aRig({ dataDir })
      const [bought] = await Promise.all([
        sdk(AUTH_TOKEN).incomingPhoneNumbers.create({ areaCode: '206' }),
      ])
      await rig.close()
      rig = await aRig({ dataDir, numbers: [] })
      const kept = await sdk(AUTH_TOKEN).incomingPhoneNumbers.list()
      expect(kept.map((n) => n.sid)).toContain(bought!.sid)
      expect(kept).toHaveLength(2)
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })
})

describe('calls', () => {
  test('an outbound call rings, is answered, runs its TwiML and reports each step in order', async () => {
    const { product, twilio: standIn, book } = rig
    product.on('/out', twiml('<Say>Hello from us.</Say>'))
    const person = new ScriptedCaller(book, [{ hear: 'from us' }, { waitForEnd: true }])
    standIn.answerOutbound = () => person
    const created = await client.calls.create({
      to: CALLER,
      from: OUR_NUMBER,
      url: `${product.url}/out`,
      statusCallback: `${product.url}/progress`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    })
    expect(created).toMatchObject({ status: 'queued', direction: 'outbound-api', startTime: null })
    expect(await person.done).toBe('finished')
    await standIn.leg(created.sid)?.callbacks.settled()
    const progress = product.at('/progress').map(({ params }) => params)
    expect(progress.map((p) => [p.SequenceNumber, p.CallStatus])).toEqual([
      ['0', 'initiated'],
      ['1', 'ringing'],
      ['2', 'in-progress'],
      ['3', 'completed'],
    ])
    expect(product.at('/out')[0]?.params).toMatchObject({
      CallStatus: 'in-progress',
      Direction: 'outbound-api',
    })
    const call = await client.calls(created.sid).fetch()
    expect(call.status).toBe('completed')
    expect(call.startTime).toBeInstanceOf(Date)
    expect(Number(call.duration)).toBeGreaterThan(0)
    expectShape('call', (await raw(`/Calls/${created.sid}.json`)).body)
  })

  test('nobody answering, a busy line and a cancelled call end as such', async () => {
    const { twilio: standIn } = rig
    const create = (timeout = 1) =>
      client.calls.create({ to: CALLER, from: OUR_NUMBER, twiml: twiml('<Hangup/>'), timeout })
    const over = (sid: string) => standIn.leg(sid)!.until((e) => e.kind === 'ended', 10_000)
    standIn.answerOutbound = () => 'busy'
    expect(await over((await create()).sid)).toMatchObject({ status: 'busy' })
    standIn.answerOutbound = () => 'no-answer'
    expect(await over((await create()).sid)).toMatchObject({ status: 'no-answer' })
    const ringing = await create(60)
    await client.calls(ringing.sid).update({ status: 'canceled' })
    expect(await over(ringing.sid)).toMatchObject({ status: 'canceled', by: 'rest' })
  })

  test.each([
    ['a From we do not own', { from: '+14155550999' }, 21210],
    ['a malformed To', { to: '5551234' }, 21211],
    ['a malformed From', { from: 'me' }, 21212],
    ['neither Url nor Twiml', { twiml: undefined }, 21205],
    ['a malformed Url', { url: 'ftp://x/y' }, 21205],
    [
      'Twiml of more than 4000 characters',
      { twiml: `<Response>${' '.repeat(4_000)}</Response>` },
      20001,
    ],
    ['a Timeout that is too long', { timeout: 601 }, 20001],
    ['what this stand-in does not do', { machineDetection: 'Enable' }, 20001],
    [
      'an event nobody sends',
      { statusCallback: 'https://x.example', statusCallbackEvent: ['sung'] },
      20001,
    ],
  ])('%s is refused', async (_, wrong, code) => {
    const good = { to: CALLER, from: OUR_NUMBER, twiml: '<Response/>' }
    const call = Object.assign(good, wrong as object)
    await expect(client.calls.create(call)).rejects.toMatchObject({ status: 400, code })
    expect(rig.twilio.legs()).toEqual([])
  })

  test('completing a live call interrupts its verb and ends it', async () => {
    const leg = await aLiveCall()
    const done = await client.calls(leg.callSid).update({ status: 'completed' })
    expect(done.status).toBe('completed')
    expect(leg.log.at(-1)).toMatchObject({ kind: 'ended', by: 'rest' })
    const late = client.calls(leg.callSid).update({ status: 'completed' })
    await expect(late).rejects.toMatchObject({ status: 400, code: 21220 })
  })

  test('new TwiML for a live call stops the running verb within a frame', async () => {
    const { product } = rig
    const leg = await aLiveCall(`<Connect><Stream url="${product.wsUrl}/media"/></Connect>`)
    await leg.until((e) => e.kind === 'stream-open', 10_000)
    await client.calls(leg.callSid).update({ twiml: twiml('<Say>Goodbye now.</Say>') })
    const socket = product.sockets[0]!
    expect(await socket.closed).toBe(1000)
    expect(socket.messages.at(-1)?.event).toBe('stop')
    await leg.until((e) => e.kind === 'ended', 10_000)
    const verbs = leg.log.flatMap((e) => (e.kind === 'verb' ? [e.verb] : []))
    expect(verbs).toEqual(['Say', 'Connect', 'Say'])
  })

  test('a time limit ends the call, also when it is set while the call runs', async () => {
    const leg = await aLiveCall()
    await client.calls(leg.callSid).update({ timeLimit: 3_600 })
    expect(leg.isOver).toBe(false)
    await client.calls(leg.callSid).update({ timeLimit: 2 })
    expect(await leg.until((e) => e.kind === 'ended', 10_000)).toMatchObject({ by: 'limit' })
    expect(leg.durationSeconds).toBe(2)
  })

  test('calls are listed newest first, filtered, in pages the SDK can follow', async () => {
    const legs = []
    for (let n = 0; n < 5; n++) legs.push(await aLiveCall('<Hangup/>'))
    await Promise.all(legs.map((leg) => leg.until((e) => e.kind === 'ended', 10_000)))
    const live = await aLiveCall()
    const page = await client.calls.page({ pageSize: 4 })
    expect(page.instances.map((call) => call.sid)[0]).toBe(live.callSid)
    expect((await page.nextPage())?.instances).toHaveLength(2)
    const all = await client.calls.list({ limit: 100, pageSize: 2 })
    expect(new Set(all.map((call) => call.sid)).size).toBe(6)
    expect(await client.calls.list({ status: 'completed' })).toHaveLength(5)
    const day = new Date()
    expect(
      await client.calls.list({ startTimeAfter: new Date(day.getTime() - 86_400_000) }),
    ).toHaveLength(6)
    expect(
      await client.calls.list({ startTimeBefore: new Date(day.getTime() - 86_400_000) }),
    ).toEqual([])
    const { calls: _, ...envelope } = (await raw('/Calls.json?PageSize=2&Page=1')).body
    expectShape('listEnvelope', envelope)
    expect(await client.calls(legs[0]!.callSid).remove()).toBe(true)
    await expect(client.calls(live.callSid).remove()).rejects.toMatchObject({ status: 400 })
  })

  test('what went wrong on a call stands in its notifications', async () => {
    rig.product.on('/voice', { status: 500 })
    const leg = await rig.twilio.dial({ from: CALLER, to: OUR_NUMBER })
    await leg.until((e) => e.kind === 'twiml-error', 10_000)
    const list = (await raw(`/Calls/${leg.callSid}/Notifications.json`)).body
    expect(list.notifications).toMatchObject([{ error_code: '11200', call_sid: leg.callSid }])
  })
})

describe('dial', () => {
  test('two people talk with each other and the leg of the second has a record of its own', async () => {
    const { product, twilio: standIn, book } = rig
    product.on(
      '/voice',
      twiml(
        `<Dial callerId="${OUR_NUMBER}" action="/dialed" record="record-from-answer-dual"><Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">+12125550177</Number></Dial>`,
      ),
    )
    product.on('/dialed', twiml('<Hangup/>'))
    const clerk = new ScriptedCaller(
      book,
      [{ say: 'Sales, good day.' }, { hear: 'ten seats' }, { hangUp: true }],
      { voice: 'en-gb/70/160' },
    )
    standIn.answerOutbound = () => clerk
    const buyer = new ScriptedCaller(book, [
      { hear: 'Sales' },
      { say: 'I need ten seats.' },
      { waitForEnd: true },
    ])
    const leg = await standIn.dial({ from: CALLER, to: OUR_NUMBER, party: buyer })
    expect(await Promise.all([buyer.done, clerk.done])).toEqual(['finished', 'finished'])
    const child = standIn.legs().find((one) => one.parentCallSid === leg.callSid)
    await child?.callbacks.settled()
    expect(child).toMatchObject({
      direction: 'outbound-dial',
      from: OUR_NUMBER,
      status: 'completed',
    })
    expect(product.at('/dialed')[0]?.params).toMatchObject({
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialCallSid: child?.callSid,
    })
    expect(product.at('/leg').map(({ params }) => params.CallStatus)).toEqual([
      'initiated',
      'ringing',
      'in-progress',
      'completed',
    ])
    expect(await client.recordings.list({ callSid: leg.callSid })).toMatchObject([
      { source: 'DialVerb', channels: 2, status: 'completed' },
    ])
  })

  test('nobody answering a dial reports it, and a caller id that is not ours is refused', async () => {
    const { product, twilio: standIn } = rig
    product.on(
      '/voice',
      twiml('<Dial timeout="1" action="/dialed" answerOnBridge="true">+12125550177</Dial>'),
    )
    product.on(
      '/dialed',
      twiml('<Dial callerId="+19995550100" action="/refused">+12125550177</Dial>'),
    )
    product.on('/refused', twiml('<Hangup/>'))
    standIn.answerOutbound = () => 'no-answer'
    const leg = await standIn.dial({ from: CALLER, to: OUR_NUMBER, party: silentPerson() })
    await leg.until((e) => e.kind === 'ended', 10_000)
    expect(product.at('/dialed')[0]?.params).toMatchObject({
      DialCallStatus: 'no-answer',
      DialBridged: 'false',
      CallStatus: 'ringing',
    })
    expect(product.at('/refused')[0]?.params).toMatchObject({ DialCallStatus: 'failed' })
    expect(leg.log.find((e) => e.kind === 'twiml-error')).toMatchObject({ code: 13214 })
  })
})

describe('recordings and streams', () => {
  test('a dual recording holds the exact bytes of both sides and is told when it is done', async () => {
    const { product, book, twilio: standIn } = rig
    product.on(
      '/voice',
      twiml('<Say>Hi.</Say><Pause length="2"/><Say>We record this.</Say><Pause length="30"/>'),
    )
    const caller = new ScriptedCaller(book, [{ hear: 'record' }, { say: 'That is fine with me.' }])
    const leg = await standIn.dial({ from: CALLER, to: OUR_NUMBER, party: caller })
    await leg.until((e) => e.kind === 'answered', 10_000)
    const recording = await client.calls(leg.callSid).recordings.create({
      recordingChannels: 'dual',
      recordingStatusCallback: `${product.url}/recorded`,
    })
    expect(recording).toMatchObject({ status: 'in-progress', duration: null })
    expect(await caller.done).toBe('finished')
    expectShape(
      'callRecording',
      (await raw(`/Calls/${leg.callSid}/Recordings/${recording.sid}.json`)).body,
    )
    await client.calls(leg.callSid).recordings('Twilio.CURRENT').update({ status: 'stopped' })
    const { body } = await raw(`/Recordings/${recording.sid}.json`)
    expectShape('recording', body)
    expect(body.status).toBe('completed')

    const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`
    const anonymous = await fetch(`${body.media_url}.wav`)
    expect(anonymous.status).toBe(401)
    const media = await fetch(`${body.media_url}.wav?RequestedChannels=2`, {
      headers: { authorization },
    })
    expect(media.headers.get('content-type')).toBe('audio/x-wav')
    const file = Buffer.from(await media.arrayBuffer())
    expect(heardIn(file, 0).at(-1)).toMatchObject({
      kind: 'final',
      utterance: { text: 'That is fine with me.' },
    })
    expect(heardIn(file, 1).at(-1)).toMatchObject({
      kind: 'final',
      utterance: { text: 'We record this.' },
    })
    await expect
      .poll(() => product.at('/recorded')[0]?.params)
      .toMatchObject({
        RecordingSid: recording.sid,
        RecordingUrl: body.media_url,
        RecordingStatus: 'completed',
      })
    expect(await client.recordings(recording.sid).remove()).toBe(true)
    await expect(client.recordings(recording.sid).fetch()).rejects.toMatchObject({ code: 20404 })
  })

  test('a stream is attached to a live call from outside and stopped by its name', async () => {
    const { product } = rig
    const leg = await aLiveCall()
    const stream = await client.calls(leg.callSid).streams.create({
      url: `${product.wsUrl}/coach`,
      name: 'live',
      track: 'both_tracks',
      'parameter1.name': 'callId',
      'parameter1.value': 'c_1',
    })
    expect(stream).toMatchObject({ status: 'in-progress', name: 'live' })
    await expect.poll(() => product.sockets.length).toBe(1)
    const socket = product.sockets[0]!
    await socket.until('media', 4)
    expect(socket.messages[1]).toMatchObject({
      start: {
        streamSid: stream.sid,
        customParameters: { callId: 'c_1' },
        tracks: ['inbound', 'outbound'],
      },
    })
    await client.calls(leg.callSid).streams('live').update({ status: 'stopped' })
    expect(await socket.closed).toBe(1000)
    expect(leg.status).toBe('in-progress')
    const insecure = client.calls(leg.callSid).streams.create({ url: 'ws://gw.example.com/x' })
    await expect(insecure).rejects.toMatchObject({ status: 400, code: 21205 })
  })

  function heardIn(file: Buffer, channel: 0 | 1): Heard[] {
    const pcm = new Int16Array((file.length - 44) / 4)
    for (let i = 0; i < pcm.length; i++) pcm[i] = file.readInt16LE(44 + i * 4 + channel * 2)
    const heard: Heard[] = []
    const ear = new Ear(rig.book, (h) => heard.push(h))
    ear.hear(encode(pcm))
    ear.flush()
    return heard
  }
})

test('a fault makes one request fail the way the vendor would', async () => {
  rig.faults.add({
    vendor: 'twilio',
    on: 'request',
    path: '/Balance',
    action: {
      type: 'status',
      status: 429,
      body: { code: 20429, message: 'Too Many Requests', status: 429 },
    },
  })
  await expect(client.balance.fetch()).rejects.toMatchObject({ status: 429, code: 20429 })
  await expect(client.balance.fetch()).resolves.toMatchObject({ currency: 'USD' })
})
