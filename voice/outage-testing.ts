import { once } from 'node:events'
import net from 'node:net'

/** A wire to the database that a test can cut, freeze and mend. */
export type Line = {
  port: number
  /** Every connection breaks, new ones are refused, as when the server is gone. */
  cut(): void
  /** Connections stay and nothing passes, as when the network or the server stands still. */
  freeze(): void
  /** What was frozen flows on; new connections are taken. */
  mend(): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'

export async function startLine(serverPort: number): Promise<Line> {
  const pairs = new Set<[net.Socket, net.Socket]>()
  let frozen = false
  const accept = (near: net.Socket) => {
    const far = net.connect(serverPort, HOST)
    const pair: [net.Socket, net.Socket] = [near, far]
    pairs.add(pair)
    for (const [from, to] of [pair, pair.toReversed() as [net.Socket, net.Socket]]) {
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      from.on('data', (chunk) => to.write(chunk))
      if (frozen) from.pause()
    }
  }
  let server = net.createServer(accept)
  const listen = async (port: number) => {
    server.listen(port, HOST)
    await once(server, 'listening')
    return (server.address() as net.AddressInfo).port
  }
  const port = await listen(0)
  const destroyAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  return {
    port,
    cut() {
      server.close()
      destroyAll()
    },
    freeze() {
      frozen = true
      for (const pair of pairs) for (const socket of pair) socket.pause()
    },
    async mend() {
      frozen = false
      for (const pair of pairs) for (const socket of pair) socket.resume()
      if (server.listening) return
      server = net.createServer(accept)
      await listen(port)
    },
    async close() {
      destroyAll()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}
