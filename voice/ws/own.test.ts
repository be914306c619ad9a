import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { WireSocket } from '../socket.ts'
import { acceptUpgrade } from './accept.ts'
import { connectOwn } from './connect.ts'
import { FrameReader, opcode, type Role } from './frame-reader.ts'
import { frameInPlace, frameOf, headroomOf } from './frame-writer.ts'

const LIMITS = { messageBytes: 65_536, fragments: 16 }

function aReader(role: Role = 'server') {
  const messages: { text: string; isBinary: boolean }[] = []
  const others: string[] = []
  const reader = new FrameReader(role, LIMITS, {
    message: (data, isBinary) => void messages.push({ text: data.toString('utf8'), isBinary }),
    ping: (data) => void others.push(`ping ${data.toString()}`),
    pong: () => void others.push('pong'),
    closed: (code) => void others.push(`closed ${code}`),
    failed: (code) => void others.push(`failed ${code}`),
  })
  return { reader, messages, others }
}

const text = (data: string, role: Role = 'client') => frameOf(opcode.text, Buffer.from(data), role)
/** A frame without its final bit. */
const unfinished = (frame: Buffer) => {
  frame[0]! &= 0x7f
  return frame
}
const closing = (code: number, reason = '') => {
  const body = Buffer.alloc(2 + Buffer.byteLength(reason))
  body.writeUInt16BE(code)
  body.write(reason, 2)
  return frameOf(opcode.close, body, 'client')
}

describe('a reader of frames', () => {
  const anyText = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom('', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535), 'x'.repeat(65_536)),
    fc.string({ unit: 'grapheme', maxLength: 100 }),
  )

  test('gives every message whole and in order, however the stream is cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        fc.array(anyText, { maxLength: 8 }),
        cuts,
        fc.constantFrom<Role>('server', 'client'),
        (texts, sizes, role) => {
          const { reader, messages, others } = aReader(role)
          const peer = role === 'server' ? 'client' : 'server'
          const stream = Buffer.concat(texts.map((data) => text(data, peer)))
          const shared = Buffer.alloc(400)
          for (let at = 0, round = 0; at < stream.length; round++) {
            const bytes = Math.min(sizes[round % sizes.length]!, stream.length - at)
            // As in production: one buffer for all reads, used again at once.
            stream.copy(shared, 0, at, at + bytes)
            reader.push(shared, bytes)
            shared.fill(0xee)
            at += bytes
          }
          expect(messages.map((message) => message.text)).toEqual(texts)
          expect(others).toEqual([])
        },
      ),
    )
  })

  test('reads a message that drips in byte by byte without copying it over and over', () => {
    const { reader, messages } = aReader()
    const stream = text('x'.repeat(65_536))
    const startedAt = performance.now()
    for (let at = 0; at < stream.length; at++) reader.push(stream.subarray(at, at + 1))
    expect(messages).toHaveLength(1)
    // Copying everything for each byte would move two gigabytes; a slow machine gets ten times what it takes.
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('joins fragments, with control frames between them', () => {
    const { reader, messages, others } = aReader()
    reader.push(
      Buffer.concat([
        unfinished(text('ab')),
        frameOf(opcode.ping, Buffer.from('p'), 'client'),
        unfinished(frameOf(opcode.continuation, Buffer.from('cd'), 'client')),
        frameOf(opcode.continuation, Buffer.from('e'), 'client'),
        frameOf(opcode.binary, Buffer.from('f'), 'client'),
      ]),
    )
    expect(messages).toEqual([
      { text: 'abcde', isBinary: false },
      { text: 'f', isBinary: true },
    ])
    expect(others).toEqual(['ping p'])
  })

  test('takes a character that is split between fragments', () => {
    const { reader, messages } = aReader()
    const euro = Buffer.from('€')
    reader.push(unfinished(frameOf(opcode.text, euro.subarray(0, 1), 'client')))
    reader.push(frameOf(opcode.continuation, euro.subarray(1), 'client'))
    expect(messages[0]?.text).toBe('€')
  })

  test.each<[string, Buffer, string]>([
    ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 'failed 1002'],
    ['an unknown opcode', frameOf(3, Buffer.alloc(0), 'client'), 'failed 1002'],
    ['an unknown control opcode', frameOf(11, Buffer.alloc(0), 'client'), 'failed 1002'],
    ['no mask from a client', text('a', 'server'), 'failed 1002'],
    [
      'a fragmented ping',
      unfinished(frameOf(opcode.ping, Buffer.alloc(0), 'client')),
      'failed 1002',
    ],
    ['a ping that is too long', frameOf(opcode.ping, Buffer.alloc(126), 'client'), 'failed 1002'],
    [
      'a continuation of nothing',
      frameOf(opcode.continuation, Buffer.alloc(1), 'client'),
      'failed 1002',
    ],
    [
      'a new message within another',
      Buffer.concat([unfinished(text('a')), text('b')]),
      'failed 1002',
    ],
    ['text that is no UTF-8', frameOf(opcode.text, Buffer.from([0xff]), 'client'), 'failed 1007'],
    ['a message that is too long', text('x'.repeat(65_537)), 'failed 1009'],
    ['a length of 64 bits', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), 'failed 1009'],
    [
      'too many fragments',
      Buffer.concat([
        unfinished(text('a')),
        ...Array.from({ length: 16 }, () =>
          unfinished(frameOf(opcode.continuation, Buffer.from('b'), 'client')),
        ),
      ]),
      'failed 1009',
    ],
    [
      'fragments that are too long together',
      Buffer.concat([
        unfinished(text('x'.repeat(65_536))),
        frameOf(opcode.continuation, Buffer.from('b'), 'client'),
      ]),
      'failed 1009',
    ],
    ['a close of one byte', frameOf(opcode.close, Buffer.alloc(1), 'client'), 'failed 1002'],
    ['a close code that may not be sent', closing(1005), 'failed 1002'],
    ['a close code out of range', closing(5000), 'failed 1002'],
    ['a close without a code', frameOf(opcode.close, Buffer.alloc(0), 'client'), 'closed 1005'],
    ['a close with a private code', closing(4401, 'why'), 'closed 4401'],
    [
      'a close whose reason is no UTF-8',
      frameOf(opcode.close, Buffer.from([3, 232, 0xff]), 'client'),
      'failed 1007',
    ],
    ['a pong', frameOf(opcode.pong, Buffer.alloc(0), 'client'), 'pong'],
  ])('answers %s as the protocol says', (_, bytes, expected) => {
    const { reader, others } = aReader()
    reader.push(bytes)
    expect(others).toEqual([expected])
  })

  test('reads nothing after a close or a failure', () => {
    for (const last of [closing(1000), frameOf(3, Buffer.alloc(0), 'client')]) {
      const { reader, messages, others } = aReader()
      reader.push(Buffer.concat([last, text('late')]))
      reader.push(text('later'))
      expect(messages).toEqual([])
      expect(others).toHaveLength(1)
    }
  })

  test('never throws and never goes on after a failure, whatever arrives', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const { reader, others } = aReader()
        for (const chunk of chunks) reader.push(Buffer.from(chunk))
        const over = others.findIndex((other) => /^(closed|failed)/.test(other))
        if (over >= 0) expect(others).toHaveLength(over + 1)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a writer of frames', () => {
  test('writes in place what it writes as a copy, whatever the length', () => {
    const length = fc.oneof(fc.nat(300), fc.constantFrom(0, 125, 126, 65_535))
    fc.assert(
      fc.property(length, fc.constantFrom<Role>('server', 'client'), (bytes, role) => {
        const data = Buffer.alloc(bytes, 'text')
        const frame = Buffer.concat([Buffer.alloc(headroomOf(role)), data])
        const { reader, messages } = aReader(role === 'server' ? 'client' : 'server')
        reader.push(Buffer.from(frameInPlace(frame, role)!))
        reader.push(frameOf(opcode.text, data, role))
        expect(messages.map((message) => message.text)).toEqual([data.toString(), data.toString()])
      }),
    )
  })

  test('leaves a text that is too long for its room to be copied', () => {
    expect(frameInPlace(Buffer.alloc(headroomOf('client') + 65_536), 'client')).toBeUndefined()
  })

  test('masks every frame with another key', () => {
    const keys = Array.from({ length: 5_000 }, () =>
      frameOf(opcode.text, Buffer.alloc(0), 'client').toString('hex'),
    )
    expect(new Set(keys).size).toBeGreaterThan(4_990)
  })
})

describe('a socket of our own against the ws library', () => {
  let server: Server
  let accepted: WireSocket[]
  let broken: unknown[]
  let received: string[]
  let closes: number[]
  let peers: (string | undefined)[]
  beforeEach(async () => {
    accepted = []
    received = []
    broken = []
    closes = []
    peers = []
    server = createServer()
    server.on('upgrade', (request, stream, head) => {
      const socket = acceptUpgrade(
        request,
        stream,
        head,
        LIMITS,
        (error) => void broken.push(error),
      )
      if (!socket) return
      accepted.push(socket)
      peers.push(request.socket.remoteAddress)
      socket.onMessage((data, isBinary) => {
        received.push(data.toString())
        if (data.toString() === 'throw') throw new Error('a broken listener')
        if (!isBinary) socket.send(Buffer.concat([Buffer.alloc(socket.headroom), data]))
      })
      socket.onClose((code) => void closes.push(code))
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => void server.close(resolve))
  })
  const port = (of: { address(): unknown }) => (of.address() as AddressInfo).port
  const opened = (socket: WebSocket) => new Promise((resolve) => void socket.once('open', resolve))
  const nextMessage = (socket: WebSocket) =>
    new Promise<string>((resolve) => void socket.once('message', (data) => resolve(String(data))))
  const closed = (socket: WebSocket) =>
    new Promise<number>((resolve) => void socket.once('close', (code) => resolve(code)))

  test('accepts its client, and passes texts of every size both ways', async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(client)
    for (const sent of ['', 'a', 'x'.repeat(126), '€'.repeat(500), 'x'.repeat(65_536)]) {
      client.send(sent)
      expect(await nextMessage(client)).toBe(sent)
    }
    client.close(1000)
    expect(await closed(client)).toBe(1000)
    expect(closes).toEqual([1000])
    expect(peers).toEqual(['127.0.0.1'])
  })

  test('answers its pings and hears its pongs', async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(client)
    const pong = new Promise((resolve) => void client.once('pong', (data) => resolve(String(data))))
    client.ping('here')
    expect(await pong).toBe('here')
    const heard = new Promise<void>((resolve) => accepted[0]!.onPong(resolve))
    accepted[0]!.ping()
    await heard
    client.close()
    await closed(client)
  })

  test('closes with the code it was told, once, and tells when the peer just goes', async () => {
    const first = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(first)
    accepted[0]!.close(4409, 'duplicate')
    accepted[0]!.close(1000)
    expect(await closed(first)).toBe(4409)

    const second = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(second)
    const gone = new Promise<number>((resolve) => accepted[1]!.onClose(resolve))
    second.terminate()
    expect(await gone).toBe(1006)
  })

  test('closes a client that sends too much with 1009, and one whose listener throws with 1011', async () => {
    const big = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(big)
    big.send('x'.repeat(65_537))
    expect(await closed(big)).toBe(1009)
    const unlucky = new WebSocket(`ws://127.0.0.1:${port(server)}`)
    await opened(unlucky)
    unlucky.send('throw')
    unlucky.send('throw')
    expect(await closed(unlucky)).toBe(1011)
    expect(broken).toEqual([new Error('a broken listener')])
  })

  test.each([
    [
      'another version',
      { 'Sec-WebSocket-Version': '12', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' },
      426,
    ],
    ['no key', { 'Sec-WebSocket-Version': '13' }, 400],
    ['a key that is none', { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'short' }, 400],
  ])('refuses a handshake with %s', async (_, headers, status) => {
    const { request } = await import('node:http')
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const call = request({
        port: port(server),
        headers: { Upgrade: 'websocket', Connection: 'Upgrade', ...headers },
      })
      call.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      call.on('error', reject)
      call.end()
    })
    expect(answer).toBe(status)
    expect(accepted).toEqual([])
  })

  test('connects to its server, reads what came with the handshake and closes politely', async () => {
    const vendor = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
    await new Promise((resolve) => void vendor.once('listening', resolve))
    const atVendor: string[] = []
    const vendorClosed = new Promise<number>((resolve) => {
      vendor.on('connection', (socket) => {
        socket.send('hello')
        socket.on('message', (data) => void atVendor.push(String(data)))
        socket.on('close', (code) => resolve(code))
      })
    })
    const socket = await connectOwn(
      `ws://127.0.0.1:${port(vendor)}/path?agent_id=1`,
      new AbortController().signal,
    )
    const first = new Promise<string>((resolve) =>
      socket.onMessage((data) => resolve(data.toString())),
    )
    expect(await first).toBe('hello')
    for (const sent of ['a', 'x'.repeat(300), 'y'.repeat(70_000)])
      socket.send(Buffer.concat([Buffer.alloc(socket.headroom), Buffer.from(sent)]))
    socket.close(1000)
    socket.send(Buffer.concat([Buffer.alloc(socket.headroom), Buffer.from('late')]))
    expect(await vendorClosed).toBe(1000)
    expect(atVendor).toEqual(['a', 'x'.repeat(300), 'y'.repeat(70_000)])
    await new Promise((resolve) => void vendor.close(resolve))
  })

  test.each<[string, (stream: Socket) => void]>([
    ['refuses', (stream) => void stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n')],
    [
      'answers with a wrong key',
      (stream) =>
        void stream.end('HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n'),
    ],
    ['answers without end', (stream) => void stream.write('x'.repeat(20_000))],
    ['closes', (stream) => void stream.destroy()],
  ])('rejects when the vendor %s', async (_, act) => {
    const vendor = createServer()
    vendor.on('upgrade', (_request, stream) => {
      stream
        .on('error', () => stream.destroy())
        .on('end', () => stream.destroy())
        .resume()
      act(stream as Socket)
    })
    await new Promise<void>((resolve) => void vendor.listen(0, '127.0.0.1', resolve))
    await expect(
      connectOwn(`ws://127.0.0.1:${port(vendor)}`, new AbortController().signal),
    ).rejects.toThrow()
    await new Promise((resolve) => void vendor.close(resolve))
  })

  test('gives up a vendor that does not answer when it is told to', async () => {
    const vendor = createServer()
    vendor.on('upgrade', (_request, stream) => void stream.on('error', () => stream.destroy()))
    await new Promise<void>((resolve) => void vendor.listen(0, '127.0.0.1', resolve))
    const abort = new AbortController()
    const connecting = connectOwn(`ws://127.0.0.1:${port(vendor)}`, abort.signal)
    abort.abort()
    await expect(connecting).rejects.toThrow('given up')
    vendor.closeAllConnections()
    await new Promise((resolve) => void vendor.close(resolve))
  })
})
