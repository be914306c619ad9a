import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ObjectStore } from '#api/core/vendors.ts'
import { signedHeaders } from './s3-signature.ts'
import { s3Options, s3Storage } from './s3-storage.ts'

// The examples of Amazon's own description of the signature.
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const at = new Date('2013-05-24T00:00:00Z')
const host = 'https://examplebucket.s3.amazonaws.com'
const signatureOf = (request: Parameters<typeof signedHeaders>[0]) =>
  /Signature=(\w+)$/.exec(signedHeaders(request, credentials, at).authorization ?? '')?.[1]

test('requests are signed as in the published examples', () => {
  expect(
    signatureOf({
      method: 'GET',
      url: new URL(`${host}/test.txt`),
      headers: { range: 'bytes=0-9' },
    }),
  ).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
  expect(
    signatureOf({
      method: 'PUT',
      url: new URL(`${host}/test%24file.text`),
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      body: Buffer.from('Welcome to Amazon S3.'),
    }),
  ).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd')
  expect(signatureOf({ method: 'GET', url: new URL(`${host}/?max-keys=2&prefix=J`) })).toBe(
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  )
})

test('a storage URL names the store, the bucket and the key', () => {
  expect(s3Options('https://id:se%2Fcret@minio.internal:9000/calls/?region=eu-1')).toEqual({
    bucketUrl: new URL('https://minio.internal:9000/calls'),
    credentials: { accessKeyId: 'id', secretAccessKey: 'se/cret', region: 'eu-1' },
  })
  expect(s3Options('s3://id:secret@calls?region=eu-central-1').bucketUrl.href).toBe(
    'https://s3.eu-central-1.amazonaws.com/calls',
  )
  expect(() => s3Options('https://id:secret@minio.internal/')).toThrow(/no bucket/)
  expect(() => s3Options('https://minio.internal/calls')).toThrow(/access key/)
})

// A store of the test's own: it keeps objects and refuses what it would not have signed itself.
const STORED_AT = '2026-11-20T12:00:00.000Z'
const objects = new Map<string, Buffer>()
let server: Server
let store: ObjectStore
let failing = 0
beforeEach(async () => {
  objects.clear()
  failing = 0
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { status, headers = {}, body = '' } = answerTo(request, Buffer.concat(chunks))
    response.writeHead(status, { 'content-length': String(body.length), ...headers }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  store = s3Storage(s3Options(`http://id:secret@127.0.0.1:${portOf(server)}/calls?region=r1`))
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

function portOf(listening: Server): number {
  const address = listening.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

type Reply = { status: number; headers?: Record<string, string>; body?: string | Buffer }

function answerTo(request: IncomingMessage, body: Buffer): Reply {
  if (failing-- > 0) return { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const names = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';')
  const own = (names ?? []).filter(
    (name) => !['host', 'x-amz-date', 'x-amz-content-sha256'].includes(name),
  )
  const expected = signedHeaders(
    {
      method: request.method ?? '',
      url,
      body,
      headers: Object.fromEntries(own.map((name) => [name, String(request.headers[name])])),
    },
    { accessKeyId: 'id', secretAccessKey: 'secret', region: 'r1' },
    dateOf(String(request.headers['x-amz-date'])),
  )
  if (request.headers.authorization !== expected.authorization)
    return { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
  return url.searchParams.has('list-type') ? listing(url) : object(request, url, body)
}

function object(request: IncomingMessage, url: URL, body: Buffer): Reply {
  const key = url.pathname.replace('/calls/', '')
  if (request.method === 'PUT') objects.set(key, body)
  if (request.method === 'DELETE') objects.delete(key)
  if (request.method !== 'GET') return { status: request.method === 'PUT' ? 200 : 204 }
  const found = objects.get(key)
  if (!found) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
  const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
  if (start === undefined) return { status: 200, body: found }
  const headers = { 'content-range': `bytes ${start}-${end}/${found.length}` }
  if (Number(start) >= found.length)
    return { status: 416, headers: { 'content-range': `bytes */${found.length}` } }
  return { status: 206, headers, body: found.subarray(Number(start), Number(end) + 1) }
}

/** Two keys a page, so that going on is tried. */
function listing(url: URL): Reply {
  const from = Number(url.searchParams.get('continuation-token') ?? 0)
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(url.searchParams.get('prefix') ?? ''))
    .sort()
  const page = keys.slice(from, from + 2)
  const more = keys.length > from + 2
  const entries = page.map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length}</Size><LastModified>${STORED_AT}</LastModified></Contents>`,
  )
  const next = more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''
  return {
    status: 200,
    body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
  }
}

const dateOf = (compact: string) =>
  new Date(compact.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))

const put = (key: string, text: string) => store.put(key, Buffer.from(text), 'text/plain')
async function textOf(key: string, range?: { start: number; end: number }) {
  const found = await store.get(key, range)
  return found && { text: await new Response(found.stream).text(), sizeBytes: found.sizeBytes }
}

test('an object comes back as it was put, whole, in part, or not at all', async () => {
  await put('org/a/one.wav', '0123456789')
  expect(await textOf('org/a/one.wav')).toEqual({ text: '0123456789', sizeBytes: 10 })
  expect(await textOf('org/a/one.wav', { start: 2, end: 4 })).toEqual({
    text: '234',
    sizeBytes: 10,
  })
  expect(await textOf('org/a/one.wav', { start: 50, end: 60 })).toEqual({ text: '', sizeBytes: 10 })
  await store.delete('org/a/one.wav')
  await store.delete('org/a/one.wav')
  expect(await textOf('org/a/one.wav')).toBeNull()
})

test('a list goes on to its last page', async () => {
  for (const key of ['org/a/1', 'org/a/2', 'org/a/3', 'org/b/1']) await put(key, 'x')
  const found = []
  for await (const object of store.list('org/a/')) found.push(object)
  expect(found).toEqual(
    ['org/a/1', 'org/a/2', 'org/a/3'].map((key) => ({
      key,
      sizeBytes: 1,
      storedAt: new Date(STORED_AT),
    })),
  )
})

test('a busy store is asked again, a wrong key is not', async () => {
  failing = 2
  await put('org/a/one', 'x')
  expect(objects.size).toBe(1)
  const wrong = s3Storage(s3Options(`http://id:other@127.0.0.1:${portOf(server)}/calls?region=r1`))
  await expect(wrong.get('org/a/one')).rejects.toMatchObject({
    vendor: 'storage',
    status: 403,
    retryable: false,
    cause: { code: 'SignatureDoesNotMatch' },
  })
})

test('a store that is away fails as one that may be back', async () => {
  // Nobody listens there, and unlike port 1 it is none that `fetch` itself refuses.
  const away = s3Storage(s3Options('http://id:secret@127.0.0.1:2/calls'))
  await expect(away.delete('org/a/one')).rejects.toMatchObject({
    vendor: 'storage',
    operation: 'delete',
    retryable: true,
  })
})

test('a key that is no plain name is never asked for', async () => {
  await expect(put('org/../x', 'x')).rejects.toThrow(/plain segments/)
})
