import type { lookup } from 'node:dns'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPublicAddress } from './public-address.ts'
import { tenantHttp } from './tenant-http.ts'

describe('public addresses', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80e::200e',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2001::1',
    '2001:db8::1',
    '2002:808:808::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'example.com',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('calling what a tenant typed', () => {
  let connections = 0
  let received: { url: string | undefined; body: string }[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ url: request.url, body: Buffer.concat(chunks).toString() })
    if (request.url === '/redirect') response.writeHead(302, { location: '/' })
    else if (request.url === '/big') response.write(Buffer.alloc(70 * 2 ** 10))
    else response.statusCode = 204
    response.end()
  })
  const listener = net.createServer((socket) => {
    connections++
    socket.destroy()
  })
  let port = 0
  let origin = ''
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    port = (listener.address() as AddressInfo).port
  })
  afterAll(() => {
    server.close()
    listener.close()
  })
  const sent = { headers: { 'content-type': 'application/json' }, body: '{}' }
  const resolvingTo = (...addresses: string[]) =>
    ((_name: string, _options: object, done: (...answer: unknown[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: net.isIP(address) })),
      )) as unknown as typeof lookup

  test.each([
    ['http://example.com/hook', 'not_https'],
    ['https://user:pass@example.com/', 'credentials'],
    ['https://127.0.0.1/', 'address'],
    ['https://2130706433/', 'address'],
    ['https://0x7f.1/', 'address'],
    ['https://[::1]/', 'address'],
    ['https://[::ffff:7f00:1]/', 'address'],
    ['https://localhost:8443/', 'address'],
    ['https://metadata.google.internal/', 'address'],
    ['ftp://example.com/', 'not_https'],
    ['nonsense', 'not_a_url'],
  ])('%s is refused before anything is looked up: %s', (url, why) =>
    expect(tenantHttp({ exemptOrigins: [] }).refuse(url)).toBe(why),
  )

  test('a name that resolves into our networks answers like one that is not there', async () => {
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::1'], []]) {
      const client = tenantHttp({ exemptOrigins: [], lookup: resolvingTo(...addresses) })
      expect(await client.post(`https://rebind.example.com:${port}/`, sent)).toEqual({
        error: 'unreachable',
      })
    }
    expect(connections).toBe(0)
  })

  test('an exempt origin is reached over http, and only that origin', async () => {
    received = []
    const client = tenantHttp({ exemptOrigins: [origin] })
    expect(client.refuse(`${origin}/hook`)).toBeNull()
    expect(await client.post(`${origin}/hook`, sent)).toEqual({ status: 204 })
    expect(received).toEqual([{ url: '/hook', body: '{}' }])
    expect(client.refuse(`http://127.0.0.1:${port}/hook`)).toBe('not_https')
  })

  test('a redirect is not followed and a flood of an answer is cut', async () => {
    received = []
    const client = tenantHttp({ exemptOrigins: [origin] })
    expect(await client.post(`${origin}/redirect`, sent)).toEqual({ error: 'redirect' })
    expect(await client.post(`${origin}/big`, sent)).toEqual({ error: 'too_large' })
    expect(received.map(({ url }) => url)).toEqual(['/redirect', '/big'])
  })
})
