import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { framed, type WireSocket } from '../socket.ts'
import { acceptUpgrade } from './accept.ts'
import { connectOwn } from './connect.ts'
import { connectWs, fromWs } from './library.ts'

const LIMITS = { messageBytes: 65_536, fragments: 16 }
const codecs = ['own', 'ws'] as const

describe.each(codecs)('sockets of the %s codec', (codec) => {
  const sockets = socketsOf(codec, LIMITS)
  let server: Server
  let accepted: WireSocket[]
  beforeEach(async () => {
    accepted = []
    server = createServer()
    server.on('upgrade', (request, stream, head) =>
      sockets.accept(request, stream, head, (socket) => {
        accepted.push(socket)
        socket.onMessage((data) => socket.send(framed(socket, `heard ${data.toString()}`)))
      }),
    )
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => void server.close(resolve)))
  const connect = () =>
    sockets.connect(
      `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      new AbortController().signal,
    )

  test('talk to each other, frame after frame, in order', async () => {
    const client = await connect()
    const heard: string[] = []
    const all = new Promise<void>((resolve) => {
      client.onMessage((data) => {
        if (heard.push(data.toString()) === 100) resolve()
      })
    })
    client.cork()
    for (let index = 0; index < 100; index++) client.send(framed(client, `${index}`))
    client.uncork()
    await all
    expect(heard).toEqual(Array.from({ length: 100 }, (_, index) => `heard ${index}`))
    const closed = new Promise((resolve) => accepted[0]!.onClose(resolve))
    client.close(1000)
    expect(await closed).toBe(1000)
  })

  test('keep the order of what a peer is slow to read, and know how much waits', async () => {
    const client = await connect()
    const server = accepted[0]!
    const FRAMES = 2_000
    const heard: string[] = []
    const all = new Promise<void>((resolve) => {
      client.onMessage((data) => {
        if (heard.push(data.toString('latin1', 0, 4)) === FRAMES) resolve()
      })
    })
    // Twenty megabytes are more than two kernel buffers take.
    const rest = '.'.repeat(10_000)
    for (let index = 0; index < FRAMES; index++)
      server.send(framed(server, `${1_000 + index}${index % 2 === 0 ? rest : ''}`))
    expect(server.bufferedBytes()).toBeGreaterThan(0)
    await all
    expect(heard).toEqual(Array.from({ length: FRAMES }, (_, index) => `${1_000 + index}`))
    await expect.poll(() => server.bufferedBytes()).toBe(0)
    const closed = new Promise((resolve) => server.onClose(resolve))
    client.close(1000)
    await closed
  })

  test('take what is sent to a peer that is gone', async () => {
    const client = await connect()
    const server = accepted[0]!
    const closed = new Promise((resolve) => server.onClose(resolve))
    for (let index = 0; index < 500; index++) server.send(framed(server, 'x'.repeat(10_000)))
    client.close(1000)
    await closed
    server.send(framed(server, 'late'))
  })

  test('close with the code they are told', async () => {
    const client = await connect()
    const closed = new Promise((resolve) => client.onClose(resolve))
    accepted[0]!.close(4401, 'unauthorized')
    expect(await closed).toBe(4401)
  })

  test('refuse what is longer than the limit', async () => {
    const client = await connect()
    const closed = new Promise((resolve) => client.onClose(resolve))
    client.send(framed(client, 'x'.repeat(65_537)))
    expect(await closed).toBe(1009)
  })
})

type Codec = (typeof codecs)[number]

type Sockets = {
  connect(url: string, signal: AbortSignal): Promise<WireSocket>
  /** For a server's `upgrade` event; a request that is no good is answered and not given. */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    given: (socket: WireSocket) => void,
  ): void
}

function socketsOf(codec: Codec, limits: typeof LIMITS): Sockets {
  if (codec === 'ws') {
    const server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: limits.messageBytes,
    })
    return {
      connect: connectWs,
      accept: (request, stream, head, given) =>
        server.handleUpgrade(request, stream, head, (raw) => given(fromWs(raw))),
    }
  }
  return {
    connect: connectOwn,
    accept(request, stream, head, given) {
      const socket = acceptUpgrade(request, stream, head, limits)
      if (socket) given(socket)
    },
  }
}
