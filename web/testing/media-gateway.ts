import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
// Puts the socket in place that a page has.
import './live-gateway.ts'

type Frame = Record<string, unknown>

/** A gateway's door for browsers that call, on a socket of its own, spoken by the test. */
export type MediaGateway = {
  url: string
  /** The next browser that calls. */
  caller(): Promise<{
    send(frame: Frame): void
    close(code: number): void
    /** The first frame of a kind that was not taken yet. */
    next(event: string): Promise<Frame>
  }>
}

const open: WebSocketServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) {
    for (const client of server.clients) client.terminate()
    server.close()
    await once(server, 'close')
  }
})

export async function aMediaGateway(): Promise<MediaGateway> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  open.push(server)
  const callers: ReturnType<typeof listenTo>[] = []
  let wake = () => {}
  server.on('connection', (socket) => {
    callers.push(listenTo(socket))
    wake()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/test-media`,
    async caller() {
      while (callers.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return callers.shift()!
    },
  }
}

function listenTo(socket: WebSocket) {
  const frames: Frame[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame)
    wake()
  })
  return {
    send: (frame: Frame) => socket.send(JSON.stringify(frame)),
    close: (code: number) => socket.close(code),
    async next(event: string): Promise<Frame> {
      for (;;) {
        const at = frames.findIndex((frame) => frame.event === event)
        if (at >= 0) return frames.splice(at, 1)[0]!
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
