import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '#api/contract/problem.ts'
import { type Person, type TestApi, testApi, testEnvironment } from '#api/testing.ts'
import * as contract from './contract.ts'
import { ingestDocumentJob } from './jobs.ts'
import * as corpus from './parser/corpus-testing.ts'
import { MAX_PAGES } from './parser/parsed.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(() => api.close())

const upload = (admin: Person, bytes: Buffer, type: string, title = 'Upload') =>
  api.app.inject({
    method: 'POST',
    url: `/v1/knowledge/documents/file?title=${encodeURIComponent(title)}`,
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': type },
    payload: bytes,
  })
const codeOf = (response: { json(): unknown }) => problem.parse(response.json()).code
async function listed(admin: Person) {
  const response = await api.call(contract.listDocuments, { query: {} }, admin)
  return contract.listDocuments.response.parse(response.json()).items
}

const pdf = 'application/pdf'
const text = 'text/plain'
const zip = Buffer.from('PK\x03\x04\x14\0\0\0word/document.xml', 'latin1')
const pdfHead = Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj\n')

test.each([
  ['a Word document called a text', zip, text],
  ['an archive with a PDF’s head inside', Buffer.concat([zip, pdfHead]), pdf],
  ['a picture with a PDF’s head inside', Buffer.concat([Buffer.from('GIF89a'), pdfHead]), pdf],
  ['a PDF called a text', pdfHead, 'text/markdown'],
  ['a text called a PDF', Buffer.from('Some text.'), pdf],
  ['a text packed by gzip', gzipSync('Some text.'), text],
  ['text in UTF-16 with its mark', Buffer.from('\ufeffSome text.', 'utf16le'), text],
  ['text in UTF-16 without it', Buffer.from('Some text.', 'utf16le'), text],
  ['text in Latin-1', Buffer.from('Größe', 'latin1'), text],
  ['a letter that is written longer than it is', Buffer.from([0x41, 0xc0, 0xaf]), text],
  ['a text with a NUL', Buffer.from('Some\0text'), text],
  ['a program', Buffer.from('\x7fELF\x02\x01', 'latin1'), text],
])('%s is refused before anything of it is kept', async (_what, bytes, type) => {
  const admin = await api.aHolderOf('admin')
  const response = await upload(admin, bytes, type)
  expect([response.statusCode, codeOf(response)]).toEqual([400, 'knowledge.not_its_type'])
  expect(await listed(admin)).toEqual([])
})

test.each([
  ['an archive', 'application/zip', 415],
  ['a web page', 'text/html', 415],
  ['a form with a file in it', 'multipart/form-data; boundary=x', 415],
  ['a type nobody has heard of', 'a/b', 415],
])('%s is no type for a document', async (_what, type, status) => {
  const admin = await api.aHolderOf('admin')
  expect((await upload(admin, Buffer.from('Some text.'), type)).statusCode).toBe(status)
  expect(await listed(admin)).toEqual([])
})

test('a byte more than twenty mebibytes is refused', async () => {
  const admin = await api.aHolderOf('admin')
  const large = Buffer.alloc(contract.MAX_UPLOAD_BYTES + 1, 'a')
  expect((await upload(admin, large, text)).statusCode).toBe(413)
  expect(await listed(admin)).toEqual([])
})

test.each([
  ['too_many_pages', () => corpus.pdfOf(Array(MAX_PAGES + 1).fill('page'))],
  ['encrypted', () => corpus.pdfOf(['Secret'], { userPassword: 'a', ownerPassword: 'b' })],
  ['no_text', () => corpus.pdfOf([''])],
  ['damaged', async () => pdfHead],
])('a PDF that cannot be used is rejected with its reason: %s', async (reason, make) => {
  const admin = await api.aHolderOf('admin')
  const response = await upload(admin, await make(), pdf)
  expect(response.statusCode, response.body).toBe(201)
  const { id } = contract.knowledgeDocument.parse(response.json())
  const organizationId = admin.organizationId ?? ''
  await ingestDocumentJob.run(api.ctx, { organizationId, documentId: id })
  expect(await listed(admin)).toMatchObject([{ id, state: 'rejected', reason, chunks: 0 }])
})

test.each([
  '../../etc/passwd',
  '..\\..\\windows\\system32',
  'file:///etc/passwd',
  '<script>alert(1)</script>',
  'a"; filename="b.exe',
])('a title is only a title, and a script is only text: %s', async (title) => {
  const admin = await api.aHolderOf('admin')
  const script = '<script>alert(document.cookie)</script>'
  const response = await upload(admin, Buffer.from(script), text, title)
  const { id } = contract.knowledgeDocument.parse(response.json())
  const file = await api.call(contract.downloadDocument, { params: { documentId: id } }, admin)
  expect(file.body).toBe(script)
  expect(file.headers).toMatchObject({
    'content-type': expect.stringMatching(/^text\/plain/),
    'content-disposition': `attachment; filename="${id}"`,
    'x-content-type-options': 'nosniff',
  })
  const stored: string[] = []
  const { storage } = api.ctx.vendors
  for await (const { key } of storage.list(`org/${admin.organizationId}/`)) stored.push(key)
  expect(stored).toEqual([`org/${admin.organizationId}/knowledge/${id}`])
})

// Far below what all files together weigh, far above what four at once and their copies do.
const MOST_GROWTH_KIB = 320 * 1024
const FILES = 20
const AT_ONCE = 4
const START_MS = 60_000
const MOST_TRIES = 50

test.runIf(process.platform === 'linux')(
  'four hundred mebibytes of files pass through a process that stays small',
  async () => {
    const files = mkdtempSync(path.join(tmpdir(), 'voxcalls-uploads-'))
    const port = await freePort()
    const server = spawn(process.execPath, [path.join(import.meta.dirname, '../../server.ts')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...testEnvironment(),
        DATABASE_URL: api.database.urls.app,
        DATABASE_PLATFORM_URL: api.database.urls.platform,
        STORAGE_URL: pathToFileURL(files).href,
        API_PORT: String(port),
        LOG_LEVEL: 'warn',
      },
    })
    try {
      const admin = await api.aHolderOf('admin')
      const origin = `http://127.0.0.1:${port}`
      await expect
        .poll(
          () =>
            fetch(`${origin}/readyz`).then(
              ({ ok }) => ok,
              () => false,
            ),
          { timeout: START_MS },
        )
        .toBe(true)
      const before = memoryOf(server.pid, 'VmRSS')
      const send = async (body: Buffer | ReadableStream): Promise<number> => {
        const headers = { authorization: `Bearer ${admin.token}`, 'content-type': text }
        const sent = { method: 'POST', headers, body, duplex: 'half' } as const
        return (await fetch(`${origin}/v1/knowledge/documents/file?title=File`, sent)).status
      }
      // A busy process asks to come again; whoever does so is served.
      const sendUntilTaken = async (n: number): Promise<number> => {
        const body = Buffer.alloc(contract.MAX_UPLOAD_BYTES, `File ${n}. `)
        for (let tries = 1; ; tries++) {
          const status = await send(body)
          if (status !== 503 || tries === MOST_TRIES) return status
        }
      }
      for (let n = 0; n < FILES; n += AT_ONCE) {
        const some = Array.from({ length: AT_ONCE }, (_, at) => sendUntilTaken(n + at))
        expect(await Promise.all(some)).toEqual(Array(AT_ONCE).fill(201))
      }
      // Its length is not told, so it is counted while it comes.
      const endless = Readable.toWeb(Readable.from(Array(30).fill(Buffer.alloc(2 ** 20, 'a'))))
      const told = await send(endless as ReadableStream).catch(() => 'hung up on')
      expect([413, 'hung up on']).toContain(told)
      expect(memoryOf(server.pid, 'VmHWM') - before).toBeLessThan(MOST_GROWTH_KIB)
    } finally {
      server.kill('SIGKILL')
      await once(server, 'close')
      rmSync(files, { recursive: true })
    }
  },
  120_000,
)

function memoryOf(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (!address || typeof address === 'string') throw new Error('no address')
  return address.port
}
