import { createHash } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { GatewayMode, LoadOrder, LoadReport, LoadTarget } from './voice-types.ts'

// Plays Twilio and the vendor for many calls at once. It speaks WebSocket by hand, with frames made beforehand, so that
// it costs less than what it measures and shares no code with it.
const FRAME_MS = 20
const CHUNK_MS = 200 // the vendor sends so much audio at once, five times a second
const PING_MS = 2_000
const DRAIN_MS = 500
const SEQUENCES = 1_024 // twenty seconds of frames in flight would still be told apart
const BUFFERS = 8 // a buffer is written again only when seven others were
const BUCKET_MS = 0.1
const BUCKETS = 20_000
const CHECK_EVERY = 8 // every eighth payload is compared whole
const KEY = [0x9d, 0x37, 0xc5, 0x6b]
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
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
type Expected = { length: number; at: number; payload: Buffer }
const expected = (text: string, payload: string): Expected => ({
  length: text.length,
  at: text.indexOf(payload),
  payload: Buffer.from(payload),
})

class Traffic {
  sent = 0
  received = 0
  reordered = 0
  corrupted = 0
  delays = new Uint32Array(BUCKETS)
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
    put(frame, at, BASE64.charCodeAt(sequence >> 6), maskFrom)
    put(frame, at + 1, BASE64.charCodeAt(sequence & 63), maskFrom)
    this.#traffic.sent++
    this.#sentAt[sequence] = performance.now()
  }

  arrived(text: Buffer, expect: Expected): void {
    const traffic = this.#traffic
    const high = VALUE[text[expect.at]!]!
    const sequence = ((high << 6) | VALUE[text[expect.at + 1]!]!) % SEQUENCES
    const delay = performance.now() - this.#sentAt[sequence]!
    traffic.received++
    if (sequence !== this.#awaited) traffic.reordered++
    this.#awaited = (sequence + 1) % SEQUENCES
    traffic.delays[Math.min(BUCKETS - 1, Math.max(0, Math.floor(delay / BUCKET_MS)))]!++
    if (traffic.received % CHECK_EVERY !== 0) return
    const from = expect.at + 2
    const to = expect.at + expect.payload.length
    if (expect.payload.compare(text, from, to, 2) !== 0) traffic.corrupted++
  }
}
const VALUE = new Uint8Array(256)
for (let index = 0; index < BASE64.length; index++) VALUE[BASE64.charCodeAt(index)] = index

/** Frames as they come out of a stream, whole; the peer is trusted to keep to the protocol. */
class Frames {
  #rest: Buffer = Buffer.alloc(0)
  #take: (text: Buffer) => void

  constructor(take: (text: Buffer) => void) {
    this.#take = take
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 2) {
      const isMasked = (bytes[at + 1]! & 0x80) !== 0
      let length = bytes[at + 1]! & 0x7f
      let head = isMasked ? 6 : 2
      if (length === 126) {
        if (bytes.length - at < 4) break
        length = bytes.readUInt16BE(at + 2)
        head += 2
      }
      const from = at + head
      if (bytes.length < from + length) break
      if (isMasked) {
        const key = bytes.subarray(from - 4, from)
        for (let index = 0; index < length; index++) bytes[from + index]! ^= key[index & 3]!
      }
      if ((bytes[at]! & 0x0f) === 1) this.#take(bytes.subarray(from, from + length))
      at = from + length
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
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

  constructor(target: LoadTarget, id: string, traffic: Traffic) {
    this.#expect = arriving(target.mode)
    this.#isBridged = target.mode !== 'relay'
    this.#up = new Flow(traffic)
    this.#down = new Flow(traffic)
    this.twilio = connect({ port: target.port, host: '127.0.0.1', noDelay: true })
    this.twilio.write(
      `GET /twilio?${id} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    const frames = new Frames((text) => this.#fromGateway(text))
    afterHead(this.twilio, (chunk) => frames.push(chunk))
  }

  /** The gateway's connection to the vendor is there. */
  attach(vendor: Socket): void {
    this.vendor = vendor
    if (!this.#isBridged) return
    vendor.write(serverFrame(METADATA))
  }

  atVendor(text: Buffer): void {
    const { up } = this.#expect
    if (text.length === up.length) this.#up.arrived(text, up)
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

  #fromGateway(text: Buffer): void {
    const { down } = this.#expect
    if (text.length === down.length) {
      this.#down.arrived(text, down)
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

const CLIENT_HEAD = 8
const SERVER_HEAD = 4

/** Writes a byte into a frame, masked when it lies in a client's: `maskFrom` is where the mask starts, or -1. */
function put(frame: Buffer, at: number, byte: number, maskFrom: number): void {
  frame[at] = maskFrom < 0 ? byte : byte ^ KEY[(at - maskFrom) & 3]!
}

function clientFrame(text: string): Buffer {
  const isShort = text.length < 126
  const head = isShort
    ? [0x81, 0x80 | text.length]
    : [0x81, 0xfe, text.length >> 8, text.length & 255]
  const frame = Buffer.concat([Buffer.from([...head, ...KEY]), Buffer.from(text)])
  const from = head.length + KEY.length
  for (let at = from; at < frame.length; at++) frame[at]! ^= KEY[(at - from) & 3]!
  return frame
}

function serverFrame(text: string): Buffer {
  const isShort = text.length < 126
  const head = isShort ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 255]
  return Buffer.concat([Buffer.from(head), Buffer.from(text)])
}

const PING = serverFrame('{"type":"ping","ping_event":{"event_id":1,"ping_ms":null}}')
const METADATA =
  '{"type":"conversation_initiation_metadata","conversation_initiation_metadata_event":{"conversation_id":"conv",' +
  '"agent_output_audio_format":"ulaw_8000","user_input_audio_format":"ulaw_8000"}}'

/** Skips an HTTP head and gives what follows. */
function afterHead(
  socket: Socket,
  take: (chunk: Buffer) => void,
  onHead?: (head: string) => void,
): void {
  let head: Buffer | undefined = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      take(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const rest = head.subarray(end + 4)
    const text = head.toString('latin1', 0, end)
    head = undefined
    onHead?.(text)
    if (rest.length > 0) take(rest)
  })
}

const calls = new Map<string, Call>()
type Group = { port: number; calls: Call[]; traffic: Traffic }
let groups: Group[] = []
let attached = 0
let onAttached: () => void = () => {}

const vendors = createServer({ noDelay: true }, (socket) => {
  let call: Call | undefined
  const frames = new Frames((text) => call?.atVendor(text))
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
      call = calls.get(head.match(/\/agent\?(\S+)/)?.[1] ?? '')
      call?.attach(socket)
      attached++
      onAttached()
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
      const id = String(wanted)
      const call = new Call(target, id, group.traffic)
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

/** Every call speaks each 20 ms, all spread evenly, and so do the vendors. */
function run(ms: number): Promise<LoadReport[]> {
  for (const group of groups) Object.assign(group.traffic, new Traffic())
  const all = groups.flatMap((group) => group.calls)
  const late = new Uint32Array(BUCKETS)
  const startedAt = performance.now()
  const streams = [
    { everyMs: FRAME_MS / all.length, done: 0, act: (call: Call) => call.speak() },
    { everyMs: CHUNK_MS / all.length, done: 0, act: (call: Call) => call.answer() },
    { everyMs: PING_MS / all.length, done: 0, act: (call: Call) => call.ping() },
  ]
  return new Promise((resolve) => {
    const step = () => {
      const now = performance.now() - startedAt
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

function reportOf(traffic: Traffic, late: Uint32Array): LoadReport {
  return {
    mediaMessages: traffic.received,
    lost: traffic.sent - traffic.received,
    reordered: traffic.reordered,
    corrupted: traffic.corrupted,
    delayP50: percentile(traffic.delays, 0.5),
    delayP99: percentile(traffic.delays, 0.99),
    ownLateP99: percentile(late, 0.99),
  }
}

function percentile(buckets: Uint32Array, share: number): number {
  const total = buckets.reduce((sum, count) => sum + count, 0)
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
  else {
    for (const call of calls.values()) call.twilio.destroy()
    calls.clear()
    groups = []
    process.send!('hung up')
  }
})
process.on('disconnect', () => process.exit())
vendors.listen(0, '127.0.0.1', () => process.send!((vendors.address() as AddressInfo).port))
