import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { VendorError } from '#api/core/errors.ts'
import { codeOf } from './failure.ts'
import { type JsonApi, type JsonCall, jsonApi } from './json-api.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  if (server?.listening) await once(server, 'close')
})

/** A vendor that gives these answers in turn, and the last one from then on. */
async function aVendor(
  ...answers: { status: number; body: unknown }[]
): Promise<{ api: JsonApi; asked: string[] }> {
  const asked: string[] = []
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['x-key']}`)
    const { status, body } = answers[Math.min(asked.length, answers.length) - 1] ?? { status: 500 }
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  const api = jsonApi({
    name: 'vendor',
    baseUrl: `http://127.0.0.1:${address.port}`,
    headers: { 'x-key': 'k' },
    errorCode: (body) => z.object({ code: z.string() }).safeParse(body).data?.code,
  })
  return { api, asked }
}

const reading: JsonCall = { operation: 'read', method: 'GET', path: '/things', repeatable: true }
const creating: JsonCall = { ...reading, method: 'POST', body: {}, repeatable: false }
const thing = z.object({ id: z.string() })

const failureOf = async (work: Promise<unknown>): Promise<VendorError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof VendorError)) throw new Error('it did not fail as a vendor')
  return error
}

test('an answer is parsed, the key and the query travel', async () => {
  const { api, asked } = await aVendor({ status: 200, body: { id: 'a', more: 1 } })
  const query = { page: 2, search: 'a b', cursor: undefined }
  expect(await api.call({ ...reading, query }, thing)).toEqual({ id: 'a' })
  expect(asked).toEqual(['GET /things?page=2&search=a+b k'])
})

test('a read is tried again when the vendor is busy', async () => {
  const busy = { status: 503, body: {} }
  const { api, asked } = await aVendor(busy, busy, { status: 200, body: { id: 'a' } })
  expect(await api.call(reading, thing)).toEqual({ id: 'a' })
  expect(asked.length).toBe(3)
})

test('a read gives up after two more tries', async () => {
  const { api, asked } = await aVendor({ status: 429, body: { code: 'busy' } })
  const failure = await failureOf(api.call(reading, thing))
  expect(failure).toMatchObject({
    vendor: 'vendor',
    operation: 'read',
    status: 429,
    retryable: true,
  })
  expect(codeOf(failure)).toBe('busy')
  expect(asked.length).toBe(3)
})

test('a creation is asked for once, however it fails', async () => {
  const { api, asked } = await aVendor({ status: 500, body: {} })
  expect(await failureOf(api.call(creating, thing))).toMatchObject({ status: 500, retryable: true })
  expect(asked.length).toBe(1)
})

test('a refusal is not tried again and its text goes nowhere', async () => {
  const { api, asked } = await aVendor({
    status: 400,
    body: { code: 'bad_prompt', message: 'the prompt says Ann Smith' },
  })
  const failure = await failureOf(api.call(reading, thing))
  expect(failure.retryable).toBe(false)
  expect(`${failure.message} ${String(failure.cause)}`).not.toContain('Ann Smith')
  expect(asked.length).toBe(1)
})

test('what the vendor does not know is null where it is looked for', async () => {
  const { api } = await aVendor({ status: 404, body: {} })
  expect(await api.find(reading, thing)).toBeNull()
  expect(await failureOf(api.call(reading, thing))).toMatchObject({ status: 404 })
})

test('an answer of another shape is a failure that names the field and not its value', async () => {
  const { api } = await aVendor({ status: 200, body: { id: 7 } })
  const failure = await failureOf(api.call(reading, thing))
  expect(failure.retryable).toBe(false)
  expect(failure.cause).toMatchObject({ message: 'unexpected answer: id' })
})

test('an answer that is not JSON is a failure', async () => {
  const { api } = await aVendor({ status: 200, body: '<html>' })
  expect(await failureOf(api.call(reading, thing))).toMatchObject({ retryable: false })
})
