import { HttpResponse } from 'msw'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { API_URL, aProblem, never, onCall, requestsTo } from '../../testing/api.ts'
import { ApiError } from './api-error.ts'
import { createApiClient } from './client.ts'

const put = endpoint({
  method: 'POST',
  path: '/v1/things/file',
  permission: 'signed in',
  summary: 'Keep a file',
  status: 201,
  query: z.object({ title: z.string() }),
  upload: { mediaTypes: ['text/plain'], maxBytes: 100 },
  response: z.object({ sizeBytes: z.number() }),
})

const told: boolean[] = []
const client = createApiClient({
  baseUrl: API_URL,
  getToken: async () => 'a-token',
  onReachable: (isReachable) => told.push(isReachable),
})
const sent = { query: { title: 'Opening hours' } }
const upload = { file: new Blob(['Open on Sundays.']), mediaType: 'text/plain' }

const failureOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error = await call.then(
    () => new Error('the upload succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof ApiError) return error
  throw error
}

test('a file is the body, and how much of it has left is told to the end', async () => {
  onCall(put, { sizeBytes: 16 })
  const shares: number[] = []
  const onProgress = (share: number) => shares.push(share)
  expect(await client.upload(put, sent, { ...upload, onProgress })).toEqual({ sizeBytes: 16 })
  expect(requestsTo(put)).toMatchObject([
    { body: 'Open on Sundays.', query: { title: 'Opening hours' } },
  ])
  expect(shares.at(-1)).toBe(1)
})

test('a refusal keeps its code, words and request id', async () => {
  onCall(put, () => aProblem(409, 'knowledge.already_there', 'It is there already.'))
  const error = await failureOf(client.upload(put, sent, upload))
  expect(error).toMatchObject({
    code: 'knowledge.already_there',
    status: 409,
    message: 'It is there already.',
    requestId: 'req_1',
  })
})

test('a write is never sent twice by itself', async () => {
  onCall(put, () => aProblem(500, 'internal'))
  await failureOf(client.upload(put, sent, upload))
  expect(requestsTo(put)).toHaveLength(1)
})

test('an answer that breaks its contract is refused', async () => {
  onCall(put, { sizeBytes: 'many' })
  const error = await failureOf(client.upload(put, sent, upload))
  expect(error.code).toBe('client.unreadable')
})

test('without a network it fails as any other call', async () => {
  onCall(put, () => HttpResponse.error())
  told.length = 0
  const error = await failureOf(client.upload(put, sent, upload))
  expect(error).toMatchObject({ code: 'client.offline', status: 0 })
  expect(told).toEqual([false])
})

test('one that is no longer wanted stops, and says nothing of the network', async () => {
  onCall(put, never)
  told.length = 0
  const unwanted = new AbortController()
  const running = client.upload(put, sent, { ...upload, signal: unwanted.signal })
  unwanted.abort()
  await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  expect(told).toEqual([])
})
