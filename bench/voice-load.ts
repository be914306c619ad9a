import { createHash } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type {
  DialledCall,
  GatewayMode,
  LoadOrder,
  LoadReport,
  LoadTarget,
  MediaShape,
  Watched,
} from './voice-types.ts'
import {
  afterHead,
  CLIENT_HEAD,
  clientFrame,
  Frames,
  put,
  putSequence,
  SEQUENCES,
  SERVER_HEAD,
  sequenceAt,
  serverFrame,
} from './voice-wire.ts'

// Plays Twilio and the vendor for many calls at once. It speaks WebSocket by hand, with frames made beforehand, so that
// it costs less than what it measures and shares no code with it.
const FRAME_MS = 20
const CHUNK_MS = 200 // the vendor sends so much audio at once, five times a second
const PING_MS = 2_000
const PROBE_MS = 50 // every so often one call is interrupted and one has a key pressed
const DRAIN_MS = 500
const HELD_MS = 0.5 // off the core for so long between two steps is not the clock's own inexactness
const BUFFERS = 8 // a buffer is written again only when seven others were
const BUCKET_MS = 0.1
const BUCKETS = 20_000
const CHECK_EVERY = 8 // every eighth payload is compared whole
const STREAM = `MZ${'a'.repeat(32)}`
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const UP_PAYLOAD = Buffer.alloc(160, 0x3c).toString('base64')
const DOWN_PAYLOAD = Buffer.alloc(CHUNK_MS * 8, 0x5a).toString('base64')
const upText =
  '{"event":"media","sequenceNumber":"100000","media":{"track":"inbound","chunk":"100000","timestamp":"1000000",' +
  `"payload":"${UP_PAYLOAD}"},"streamSid":"${STREAM}"}`
const STAMP_AT = upText.indexOf('1000000"')
const UP_AT = upText.indexOf(UP_PAYLOAD)
const downText = `{"type":"audio","audio_event":{"audio_base_64":"${DOWN_PAYLOAD}","event_id":1}}`
const DOWN_AT = downText.indexOf(DOWN_PAYLOAD)
const bridgedUp = `{"user_audio_chunk":"${UP_PAYLOAD}"}`
const bridgedDown = `{"event":"media","streamSid":"${STREAM}","media":{"payload":"${DOWN_PAYLOAD}"}}`

/** What arrives at the far ends, by mode: its length tells media from everything else. */
const arriving = (mode: GatewayMode) =>
  mode === 'relay'
    ? { up: expected(upText, UP_PAYLOAD), down: expected(downText, DOWN_PAYLOAD) }
    : { up: expected(bridgedUp, UP_PAYLOAD), down: expected(bridgedDown, DOWN_PAYLOAD) }
type Expected = MediaShape & { payload: Buffer }
const shapeOf = (text: string, payload: string): MediaShape => ({
  length: text.length,
  at: text.indexOf(payload),
})
const expected = (text: string, payload: string): Expected => ({
  ...shapeOf(text, payload),
  payload: Buffer.from(payload),
})

class Traffic {
  sent = 0
  received = 0
  reordered = 0
  corrupted = 0
  delays = new Uint32Array(BUCKETS)
  clears = new Uint32Array(BUCKETS)
  keys = new Uint32Array(BUCKETS)
  probes = 0
}

const tally = (buckets: Uint32Array, ms: number): void => {
  buckets[Math.min(BUCKETS - 1, Math.max(0, Math.floor(ms / BUCKET_MS)))]!++
}

/** One direction of one call: numbers what goes out and knows when, and checks what comes in. */
class Flow {
  #traffic: Traffic
  #sentAt = new Float64Array(SEQUENCES)
  #next = 0
  #awaited = 0

  constructor(traffic: Traffic) {
    this.#traffic = traffic
  }

  /** Numbers a frame whose payload lies at `at`; `key` is the mask at that place. */
  number(frame: Buffer, at: number, maskFrom: number): void {
    const sequence = this.#next
    this.#next = (sequence + 1) % SEQUENCES
    putSequence(frame, at, sequence, maskFrom)
    this.#traffic.sent++
    this.#sentAt[sequence] = performance.now()
  }

  arrived(text: Buffer, expect: Expected): void {
    const traffic = this.#traffic
    const sequence = sequenceAt(text, expect.at)
    const delay = performance.now() - this.#sentAt[sequence]!
    traffic.received++
    if (sequence !== this.#awaited) traffic.reordered++
    this.#awaited = (sequence + 1) % SEQUENCES
    tally(traffic.delays, delay)
    if (traffic.received % CHECK_EVERY !== 0) return
    const from = expect.at + 2
    const to = expect.at + expect.payload.length
    if (expect.payload.compare(text, from, to, 2) !== 0) traffic.corrupted++
  }
}

class Call {
  readonly twilio: Socket
  vendor: Socket | undefined
  #up: Flow
  #down: Flow
  #upFrames = Array.from({ length: BUFFERS }, () => clientFrame(upText))
  #downFrames = Array.from({ length: BUFFERS }, () => serverFrame(downText))
  #count = 0
  #downCount = 0
  #expect: ReturnType<typeof arriving>
  #isBridged: boolean
  #dialled: DialledCall | undefined
  #traffic: Traffic
  /** When the caller's first loud frame went out, until our `clear` is there. */
  #spokeAt = 0
  #isHeard = true
  #pressedAt = 0

  constructor(target: LoadTarget, id: string, traffic: Traffic, dialled?: DialledCall) {
    this.#dialled = dialled
    this.#traffic = traffic
    this.#expect = arriving(target.mode)
    this.#isBridged = target.mode !== 'relay'
    this.#up = new Flow(traffic)
    this.#down = new Flow(traffic)
    this.twilio = connect({ port: target.port, host: '127.0.0.1', noDelay: true })
    this.twilio.write(
      `GET ${dialled ? '/twilio/media' : `/twilio?${id}`} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\n${dialled ? `X-Twilio-Signature: ${dialled.signature}\r\n` : ''}` +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    const frames = new Frames((text) => this.#fromGateway(text))
    afterHead(
      this.twilio,
      (chunk) => frames.push(chunk),
      () => {
        if (dialled) this.twilio.write(clientFrame(dialled.startFrame))
      },
    )
  }

  /** The gateway's connection to the vendor is there. */
  attach(vendor: Socket): void {
    this.vendor = vendor
    if (!this.#isBridged) return
    vendor.write(serverFrame(metadata(this.#dialled?.callId ?? 'conv')))
  }

  atVendor(text: Buffer): void {
    const { up } = this.#expect
    if (text.length === up.length) {
      this.#up.arrived(text, up)
      // What a vendor does when it hears speech; how long it thinks about it is not ours to measure.
      if (!this.#isHeard) this.vendor?.write(INTERRUPTION)
      this.#isHeard = true
    } else if (this.#pressedAt > 0 && text.includes(KEYPAD)) {
      tally(this.#traffic.keys, performance.now() - this.#pressedAt)
      this.#pressedAt = 0
    }
  }

  /** The caller's next frame is the first of a sentence. */
  interrupt(): void {
    if (!this.#isBridged || this.#spokeAt > 0) return
    this.#traffic.probes++
    this.speak()
    // The frame's first sample is as much older as the frame is long.
    this.#spokeAt = performance.now() - FRAME_MS
    this.#isHeard = false
  }

  press(): void {
    if (!this.#isBridged || this.#pressedAt > 0) return
    this.#traffic.probes++
    this.#pressedAt = performance.now()
    this.twilio.write(clientFrame(KEY_PRESSED))
  }

  hangUp(): void {
    this.twilio.end(clientFrame(STOP))
  }

  speak(): void {
    const frame = this.#upFrames[this.#count % BUFFERS]!
    const stamp = 1_000_000 + this.#count++ * FRAME_MS
    for (let digit = 6, rest = stamp; digit >= 0; digit--, rest = Math.floor(rest / 10))
      put(frame, CLIENT_HEAD + STAMP_AT + digit, 0x30 + (rest % 10), CLIENT_HEAD)
    this.#up.number(frame, CLIENT_HEAD + UP_AT, CLIENT_HEAD)
    this.twilio.write(frame)
  }

  answer(): void {
    const frame = this.#downFrames[this.#downCount++ % BUFFERS]!
    this.#down.number(frame, SERVER_HEAD + DOWN_AT, -1)
    this.vendor?.write(frame)
  }

  ping(): void {
    this.vendor?.write(PING)
  }

  /** How its audio comes to the gateway and leaves it, in both directions. */
  passages(): Watched {
    const [twilio, vendor] = [this.twilio, this.vendor!]
    const [atTwilio, atVendor] = [twilio.localPort!, vendor.remotePort!]
    const [gateway, vendorsPort] = [twilio.remotePort!, vendor.localPort!]
    const { up, down } = this.#expect
    return {
      ports: [atTwilio, atVendor],
      passages: [
        {
          enters: { from: atTwilio, to: gateway, media: shapeOf(upText, UP_PAYLOAD) },
          leaves: { from: atVendor, to: vendorsPort, media: up },
        },
        {
          enters: { from: vendorsPort, to: atVendor, media: shapeOf(downText, DOWN_PAYLOAD) },
          leaves: { from: gateway, to: atTwilio, media: down },
        },
      ],
    }
  }

  #fromGateway(text: Buffer): void {
    const { down } = this.#expect
    if (text.length === down.length) {
      this.#down.arrived(text, down)
      return
    }
    if (this.#spokeAt > 0 && text.includes(CLEAR)) {
      tally(this.#traffic.clears, performance.now() - this.#spokeAt)
      this.#spokeAt = 0
      return
    }
    // Twilio returns every mark; for what is measured here it matters that it does, not when.
    const name = text.toString('latin1').match(/"mark":\{"name":"([^"]+)"/)?.[1]
    if (name)
      this.twilio.write(
        clientFrame(`{"event":"mark","sequenceNumber":"1","mark":{"name":"${name}"}}`),
      )
  }
}

const PING = serverFrame('{"type":"ping","ping_event":{"event_id":1,"ping_ms":null}}')
// Of an event before all that is said, so that nothing of it is dropped afterwards.
const INTERRUPTION = serverFrame('{"type":"interruption","interruption_event":{"event_id":0}}')
const KEY_PRESSED = `{"event":"dtmf","streamSid":"${STREAM}","sequenceNumber":"1","dtmf":{"track":"inbound_track","digit":"5"}}`
const STOP = `{"event":"stop","sequenceNumber":"1","stop":{},"streamSid":"${STREAM}"}`
const CLEAR = Buffer.from('{"event":"clear"')
const KEYPAD = Buffer.from('"contextual_update"')
const CALL_ID = /"call_id":"([^"]+)"/
const metadata = (conversationId: string) =>
  `{"type":"conversation_initiation_metadata","conversation_initiation_metadata_event":{"conversation_id":"${conversationId}",` +
  '"agent_output_audio_format":"ulaw_8000","user_input_audio_format":"ulaw_8000"}}'

const calls = new Map<string, Call>()
type Group = { port: number; calls: Call[]; traffic: Traffic }
let groups: Group[] = []
let attached = 0
let onAttached: () => void = () => {}

const vendors = createServer({ noDelay: true }, (socket) => {
  let call: Call | undefined
  const open = (id: string) => {
    call = calls.get(id)
    call?.attach(socket)
    attached++
    onAttached()
  }
  const frames = new Frames((text) => {
    if (call) call.atVendor(text)
    // The product says in its first message which call it is.
    else open(text.toString().match(CALL_ID)?.[1] ?? '')
  })
  afterHead(
    socket,
    (chunk) => frames.push(chunk),
    (head) => {
      const key = head.match(/sec-websocket-key: (.+)/i)?.[1]?.trim() ?? ''
      const accept = createHash('sha1')
        .update(key + GUID)
        .digest('base64')
      socket.write(
        `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      const id = head.match(/\/agent\?(\S+)/)?.[1]
      if (id !== undefined) open(id)
    },
  )
})

/** Opens the calls of all targets, a few at a time, and waits until each has its vendor. */
async function connectAll(targets: LoadTarget[]): Promise<void> {
  const AT_ONCE = 20
  let wanted = attached
  for (const target of targets) {
    const group = groupOf(target)
    for (let number = 0; number < target.calls; number++) {
      const dialled = target.dialled[number]
      const id = dialled?.callId ?? String(wanted)
      const call = new Call(target, id, group.traffic, dialled)
      calls.set(id, call)
      group.calls.push(call)
      wanted++
      if (wanted - attached >= AT_ONCE) await attachedAtLeast(wanted - AT_ONCE / 2)
    }
  }
  await attachedAtLeast(wanted)
}

/** Calls that are opened later join those of the same gateway. */
function groupOf(target: LoadTarget): Group {
  const known = groups.find((group) => group.port === target.port)
  if (known) return known
  const group: Group = { port: target.port, calls: [], traffic: new Traffic() }
  groups.push(group)
  return group
}

function attachedAtLeast(count: number): Promise<void> {
  return new Promise((resolve) => {
    onAttached = () => {
      if (attached >= count) resolve()
    }
    onAttached()
  })
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/**
 * Every call speaks each 20 ms, all spread evenly, and so do the vendors. While the machine runs something else on this
 * core their time stands still: nobody's callers say at once what they could not say before.
 */
function run(ms: number): Promise<LoadReport[]> {
  for (const group of groups) Object.assign(group.traffic, new Traffic())
  const all = groups.flatMap((group) => group.calls)
  const late = new Uint32Array(BUCKETS)
  const startedAt = performance.now()
  let [stepAt, usedMs, heldMs] = [startedAt, processorMs(), 0]
  const streams = [
    { everyMs: FRAME_MS / all.length, done: 0, act: (call: Call) => call.speak() },
    { everyMs: CHUNK_MS / all.length, done: 0, act: (call: Call) => call.answer() },
    { everyMs: PING_MS / all.length, done: 0, act: (call: Call) => call.ping() },
    { everyMs: PROBE_MS, done: 0, act: (call: Call) => call.interrupt() },
    { everyMs: PROBE_MS, done: 0, act: (call: Call) => call.press() },
  ]
  return new Promise((resolve) => {
    const step = () => {
      const [at, used] = [performance.now(), processorMs()]
      const offCoreMs = at - stepAt - (used - usedMs)
      if (offCoreMs > HELD_MS) heldMs += offCoreMs
      ;[stepAt, usedMs] = [at, used]
      const now = at - startedAt - heldMs
      if (now >= ms) {
        setTimeout(() => resolve(groups.map(({ traffic }) => reportOf(traffic, late))), DRAIN_MS)
        return
      }
      for (const stream of streams) {
        const lateMs = now - stream.done * stream.everyMs
        if (lateMs > 0) late[Math.min(BUCKETS - 1, Math.floor(lateMs / BUCKET_MS))]!++
        while (stream.done * stream.everyMs <= now) stream.act(all[stream.done++ % all.length]!)
      }
      setImmediate(step)
    }
    step()
  })
}

/** Of that many calls, spread over all. */
function watched(count: number): Watched {
  const all = groups.flatMap((group) => group.calls)
  const every = Math.max(1, Math.floor(all.length / count))
  const some = all.filter((_, index) => index % every === 0).map((call) => call.passages())
  return {
    ports: some.flatMap(({ ports }) => ports),
    passages: some.flatMap(({ passages }) => passages),
  }
}

function reportOf(traffic: Traffic, late: Uint32Array): LoadReport {
  return {
    mediaMessages: traffic.received,
    lost: traffic.sent - traffic.received,
    reordered: traffic.reordered,
    corrupted: traffic.corrupted,
    delayP50: percentile(traffic.delays, 0.5),
    delayP99: percentile(traffic.delays, 0.99),
    clearP95: percentile(traffic.clears, 0.95),
    keypadP95: percentile(traffic.keys, 0.95),
    probes: traffic.probes,
    unanswered: traffic.probes - sum(traffic.clears) - sum(traffic.keys),
    ownLateP99: percentile(late, 0.99),
  }
}

const sum = (buckets: Uint32Array): number => buckets.reduce((all, one) => all + one, 0)

function percentile(buckets: Uint32Array, share: number): number {
  const total = sum(buckets)
  let seen = 0
  for (const [index, count] of buckets.entries()) {
    seen += count
    if (seen >= total * share) return (index + 1) * BUCKET_MS
  }
  return BUCKETS * BUCKET_MS
}

process.on('message', async (message: LoadOrder) => {
  if (message.order === 'connect') {
    await connectAll(message.targets)
    process.send!('connected')
  } else if (message.order === 'run') process.send!(await run(message.ms))
  else if (message.order === 'watch') process.send!(watched(message.calls))
  else {
    for (const call of calls.values()) call.hangUp()
    calls.clear()
    groups = []
    process.send!('hung up')
  }
})
process.on('disconnect', () => process.exit())
vendors.listen(0, '127.0.0.1', () => process.send!((vendors.address() as AddressInfo).port))
