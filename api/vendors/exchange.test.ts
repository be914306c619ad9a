import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { exchange, NoAnswer, usualLimits } from './exchange.ts'

const open: (Server | TcpServer)[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function listening(server: Server | TcpServer): Promise<number> {
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function aVendor(handle: RequestListener): Promise<URL> {
  return new URL(`http://127.0.0.1:${await listening(createServer(handle))}/`)
}

const get = (url: URL, limits = {}) =>
  exchange({ method: 'GET', url, headers: {} }, { ...usualLimits, ...limits })

test('an answer comes back whole, whatever its status', async () => {
  const url = await aVendor((request, response) => {
    request.setEncoding('utf8')
    request.on('data', (text) => {
      response.writeHead(422, { 'x-trace': 'a' }).end(`${request.method} ${text}`)
    })
  })
  const answer = await exchange({ method: 'POST', url, headers: {}, body: 'größe' })
  expect(answer).toMatchObject({ status: 422, headers: { 'x-trace': 'a' } })
  expect(answer.body.toString()).toBe('POST größe')
})

test('an answer that does not come within the deadline fails as delivered', async () => {
  const url = await aVendor(() => undefined)
  await expect(get(url, { totalMs: 80 })).rejects.toMatchObject({
    reason: 'timeout',
    delivered: true,
  })
})

test('an answer that trickles is ended at the deadline too', async () => {
  const url = await aVendor((_request, response) => {
    response.write('a')
  })
  await expect(get(url, { totalMs: 80 })).rejects.toMatchObject({ reason: 'timeout' })
})

test('a connection that is not made within its deadline fails as not delivered', async () => {
  // A TLS handshake nobody answers is a connection that is never made.
  const sockets: { destroy(): void }[] = []
  const port = await listening(createTcpServer((socket) => sockets.push(socket)))
  const failed = get(new URL(`https://127.0.0.1:${port}/`), { connectMs: 80 })
  await expect(failed).rejects.toMatchObject({ reason: 'connect', delivered: false })
  for (const socket of sockets) socket.destroy()
})

test('a refused connection fails as not delivered', async () => {
  const url = await aVendor(() => undefined)
  const [server] = open.splice(0)
  server?.close()
  await expect(get(url)).rejects.toMatchObject({ reason: 'connect', delivered: false })
})

test('a redirect is not followed', async () => {
  let asked = 0
  const url = await aVendor((_request, response) => {
    asked += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  await expect(get(url)).rejects.toMatchObject({ reason: 'redirect' })
  expect(asked).toBe(1)
})

test('no more is read than the cap, although the length was not announced', async () => {
  const url = await aVendor((_request, response) => {
    response.write(Buffer.alloc(600))
    response.end(Buffer.alloc(600))
  })
  await expect(get(url, { maxBytes: 1_000 })).rejects.toMatchObject({ reason: 'too_large' })
  expect((await get(url, { maxBytes: 1_200 })).body.length).toBe(1_200)
})

test('an answer cut off in the middle is no answer', async () => {
  const url = await aVendor((_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  await expect(get(url)).rejects.toBeInstanceOf(NoAnswer)
  await expect(get(url)).rejects.toMatchObject({ reason: 'broken', delivered: true })
})
