import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { BODY_TIMEOUT_MS, httpLimitsWithUploads } from '#api/core/http-limits.ts'
import { hangUpOnSlowBodies } from './slow-bodies.ts'

const file = endpoint({
  method: 'POST',
  path: '/file',
  permission: 'anyone',
  summary: 'Takes a file',
  upload: { mediaTypes: ['text/plain'], maxBytes: 1_000 },
  response: z.object({}),
})

/** What a peer is told who sends a head and then a letter now and then, until he is hung up on. */
async function trickle(route: string, head = 'content-length: 1000'): Promise<string> {
  const app = Fastify(httpLimitsWithUploads)
  hangUpOnSlowBodies(app, 100)
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.post(file.path, { config: { endpoint: file } }, async (request) => ({
    length: String(request.body).length,
  }))
  app.post('/json', async () => ({}))
  app.post(
    '/refused',
    { onRequest: async (_request, reply) => reply.code(401).send({}) },
    () => ({}),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  if (!address || typeof address === 'string') throw new Error('no address')
  const socket = connect(address.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (part) => (answer += part.toString()))
  socket.on('error', () => socket.destroy())
  socket.write(`POST ${route} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n${head}\r\n\r\n`)
  const letters = setInterval(() => socket.write('x'.repeat(100)), 40)
  const enough = setTimeout(() => socket.end(), 1_500)
  await once(socket, 'close')
  clearInterval(letters)
  clearTimeout(enough)
  await app.close()
  return answer
}

test('a body that trickles in is answered 408 and hung up on', async () => {
  expect(await trickle('/json')).toMatch(/^HTTP\/1\.1 408 [\s\S]*request\.too_slow/)
})

test('a file that trickles in is waited for', async () => {
  expect(await trickle('/file')).toMatch(/^HTTP\/1\.1 200 [\s\S]*"length":1000/)
})

test('who is refused before the body was read is hung up on as soon', async () => {
  const answer = await trickle('/refused')
  expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  expect(answer).toContain('408 Request Timeout')
})

test('head and body together have the fifteen seconds of every request', () => {
  expect(httpLimitsWithUploads.http.headersTimeout + BODY_TIMEOUT_MS).toBe(15_000)
})
