import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { z } from 'zod'
import type { liveEvent } from '#contracts/calls'

export type LiveMessage = z.input<typeof liveEvent>

/** The socket Node brings throws on jsdom's own Event class; this one speaks the same protocol with events of its own. */
class BrowserSocket extends WebSocket {
  constructor(address: string | URL) {
    super(address)
    // A browser tells of a socket that failed by its `close` alone and throws nothing.
    this.on('error', () => undefined)
  }
}
Object.assign(globalThis, { WebSocket: BrowserSocket })

/** A gateway's live feed on a socket of its own, spoken by the test. */
export type LiveGateway = {
  url: string
  /** The next viewer that connects, and the address it came with. */
  viewer(): Promise<{
    send(message: LiveMessage | string): void
    close(code: number): void
    after: string | null
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

export async function aLiveGateway(): Promise<LiveGateway> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  open.push(server)
  const waiting: { socket: WebSocket; after: string | null }[] = []
  let wake: (() => void) | undefined
  server.on('connection', (socket, request) => {
    const after = new URL(request.url ?? '/', 'http://gateway').searchParams.get('after')
    waiting.push({ socket, after })
    wake?.()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/live?ticket=one-time`,
    async viewer() {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const next = waiting.shift()
      if (!next) throw new Error('nobody connected')
      return {
        send: (message) =>
          next.socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
        close: (code) => next.socket.close(code),
        after: next.after,
      }
    },
  }
}
