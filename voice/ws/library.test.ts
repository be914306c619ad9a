import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { framed } from '../socket.ts'
import { connectWs, fromWs } from './library.ts'
import { ReadGatherer } from './read-gatherer.ts'

let server: WebSocketServer
let peers: WebSocket[]
let streams: Duplex[]
beforeEach(async () => {
  peers = []
  streams = []
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
  server.on('connection', (socket, request) => {
    peers.push(socket)
    streams.push(request.socket)
    socket.send('hello')
  })
  await new Promise((resolve) => void server.once('listening', resolve))
})
afterEach(async () => {
  for (const peer of server.clients) peer.terminate()
  await new Promise((resolve) => void server.close(resolve))
})
const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

test('a socket of the library passes texts both ways, from the first, without compression', async () => {
  const socket = await connectWs(url(), new AbortController().signal)
  const first = new Promise((resolve) => socket.onMessage((data) => resolve(data.toString())))
  expect(await first).toBe('hello')
  const answer = new Promise(
    (resolve) => void peers[0]!.once('message', (data) => resolve(String(data))),
  )
  socket.send(framed(socket, 'good day'))
  expect(await answer).toBe('good day')
  expect(peers[0]!.extensions).toBe('')
  expect(socket.bufferedBytes()).toBe(0)
  const pong = new Promise<void>((resolve) => socket.onPong(resolve))
  socket.ping()
  await pong
  const closed = new Promise((resolve) => socket.onClose(resolve))
  peers[0]!.close(4409)
  expect(await closed).toBe(4409)
  socket.send(framed(socket, 'late'))
  socket.ping()
})

test('what is sent between cork and uncork waits, and leaves together', async () => {
  const client = await connectWs(url(), new AbortController().signal)
  const heard: string[] = []
  const all = new Promise<void>((resolve) => {
    client.onMessage((data) => {
      if (heard.push(data.toString()) === 3) resolve()
    })
  })
  const socket = fromWs(peers[0]!, undefined, streams[0]!)
  await expect.poll(() => socket.bufferedBytes()).toBe(0)
  socket.cork()
  socket.send(framed(socket, 'audio'))
  const first = socket.bufferedBytes()
  expect(first).toBeGreaterThan('audio'.length)
  socket.send(framed(socket, 'mark'))
  expect(socket.bufferedBytes()).toBeGreaterThan(first)
  socket.uncork()
  await all
  expect(heard).toEqual(['hello', 'audio', 'mark'])
})

test('its reads gather like those of our own codec', async () => {
  const read = vi.spyOn(ReadGatherer.prototype, 'read')
  try {
    const socket = await connectWs(url(), new AbortController().signal)
    await new Promise<void>((resolve) => socket.onMessage(() => resolve()))
    expect(read).toHaveBeenCalledOnce()
  } finally {
    read.mockRestore()
  }
})

test('a listener that throws costs its own socket only', async () => {
  const socket = await connectWs(url(), new AbortController().signal)
  const closed = new Promise((resolve) => void peers[0]!.once('close', resolve))
  socket.onMessage(() => {
    throw new Error('a broken listener')
  })
  expect(await closed).toBe(1011)
})

test('a refused, an aborted and a broken connection are told', async () => {
  const abort = new AbortController()
  abort.abort()
  await expect(connectWs(url(), abort.signal)).rejects.toThrow()
  await expect(connectWs('ws://127.0.0.1:1', new AbortController().signal)).rejects.toThrow()
  await connectWs(url(), new AbortController().signal)
  const socket = fromWs(peers.at(-1)!)
  const gone = new Promise((resolve) => socket.onClose(resolve))
  for (const client of server.clients) client.terminate()
  expect(await gone).toBe(1006)
})
