import { delay, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { endpoint } from '#api/contract/endpoint.ts'
import { getCall, listCalls } from '#contracts/calls'
import { API_URL, aProblem, onCall, requestsTo } from '../../testing/api.ts'
import { aCall, anId, aPage } from '../../testing/factories.ts'
import { ApiError } from './api-error.ts'
import { addressOf, createApiClient } from './client.ts'

const rename = endpoint({
  method: 'POST',
  path: '/v1/things/:thingId/name',
  permission: 'signed in',
  summary: 'Rename a thing',
  params: z.object({ thingId: z.string() }),
  body: z.object({ name: z.string() }),
  response: z.object({ name: z.string() }),
})

const client = createApiClient({ baseUrl: API_URL, getToken: async () => 'a-token' })
const params = { callId: anId(1) }

const failureOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof ApiError) return error
  throw error
}

describe('addresses', () => {
  test('parameters are encoded and absent query values left out', () => {
    expect(addressOf(API_URL, rename, { params: { thingId: 'a/b' }, body: { name: '' } })).toBe(
      'http://api.test/v1/things/a%2Fb/name',
    )
    expect(
      addressOf(API_URL, listCalls, { query: { state: 'live', number: undefined as never } }),
    ).toBe('http://api.test/v1/calls?state=live')
  })

  test('a missing parameter is a fault of ours and not sent', () => {
    expect(() => addressOf(API_URL, getCall, { params: {} as never })).toThrow('needs callId')
  })
})

describe('answers', () => {
  test('moments come back as dates', async () => {
    onCall(getCall, aCall())
    const call = await client(getCall, { params })
    expect(call.createdAt).toEqual(new Date('2026-11-20T15:00:00.000Z'))
  })

  test('a body is sent as JSON', async () => {
    onCall(rename, { name: 'new' })
    await client(rename, { params: { thingId: '1' }, body: { name: 'new' } })
    expect(requestsTo(rename)[0]?.body).toEqual({ name: 'new' })
  })

  test('a write carries its key, so that sent again it happens once', async () => {
    onCall(rename, { name: 'new' })
    const sent = { params: { thingId: '1' }, body: { name: 'new' } }
    await client(rename, sent, { idempotencyKey: 'key-1' })
    await client(rename, sent)
    expect(requestsTo(rename).map((request) => request.idempotencyKey)).toEqual(['key-1', null])
  })

  test('an answer that breaks its contract is refused instead of being shown', async () => {
    onCall(getCall, { id: 'nonsense' })
    const error = await failureOf(client(getCall, { params }))
    expect(error).toMatchObject({ code: 'client.unreadable', status: 200 })
  })
})

describe('refusals', () => {
  test('a problem keeps its code, request id and sentence, and a 4xx is asked only once', async () => {
    onCall(getCall, () => aProblem(404, 'calls.not_found', 'There is no such call.'))
    const error = await failureOf(client(getCall, { params }))
    expect(error).toMatchObject({ code: 'calls.not_found', status: 404, requestId: 'req_1' })
    expect(error.message).toBe('There is no such call.')
    expect(requestsTo(getCall)).toHaveLength(1)
  })

  test('field errors reach the form by their path', async () => {
    onCall(rename, () =>
      HttpResponse.json(
        {
          type: 'about:blank',
          title: 'Invalid',
          status: 400,
          detail: 'Some fields are not valid.',
          code: 'request.invalid',
          requestId: 'req_2',
          errors: [{ path: 'body.name', message: 'too short' }],
        },
        { status: 400 },
      ),
    )
    const error = await failureOf(client(rename, { params: { thingId: '1' }, body: { name: '' } }))
    expect(error.fields).toEqual([{ path: 'body.name', message: 'too short' }])
  })

  test('a page of HTML from a server in between is told by its status', async () => {
    onCall(rename, () => new HttpResponse('<html>bad gateway</html>', { status: 502 }))
    const error = await failureOf(client(rename, { params: { thingId: '1' }, body: { name: 'x' } }))
    expect(error).toMatchObject({ code: 'client.unreadable', status: 502 })
  })
})

describe('trying again', () => {
  test('a read that met a fault of the server is asked once more', async () => {
    let tries = 0
    onCall(listCalls, () => {
      tries += 1
      return tries === 1 ? aProblem(503, 'internal') : aPage([])
    })
    expect(await client(listCalls, { query: {} })).toEqual({ items: [], nextCursor: null })
    expect(tries).toBe(2)
  })

  test('a read that fails twice gives up', async () => {
    onCall(listCalls, () => aProblem(500, 'internal'))
    expect(await failureOf(client(listCalls, { query: {} }))).toMatchObject({ status: 500 })
    expect(requestsTo(listCalls)).toHaveLength(2)
  })

  test('a write is never sent twice', async () => {
    onCall(rename, () => aProblem(500, 'internal'))
    await failureOf(client(rename, { params: { thingId: '1' }, body: { name: 'x' } }))
    expect(requestsTo(rename)).toHaveLength(1)
  })

  test('a call that is no longer wanted is not repeated', async () => {
    const unwanted = new AbortController()
    onCall(listCalls, async () => {
      unwanted.abort()
      await delay('infinite')
    })
    await expect(
      client(listCalls, { query: {} }, { signal: unwanted.signal }),
    ).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(requestsTo(listCalls)).toHaveLength(1)
  })
})

describe('the network', () => {
  test('no answer at all is told apart, and its end too', async () => {
    const told: boolean[] = []
    const watched = createApiClient({
      baseUrl: API_URL,
      getToken: async () => null,
      onReachable: (isReachable) => told.push(isReachable),
    })
    onCall(rename, () => HttpResponse.error())
    const error = await failureOf(
      watched(rename, { params: { thingId: '1' }, body: { name: 'x' } }),
    )
    expect(error).toMatchObject({ code: 'client.offline', status: 0 })
    onCall(rename, { name: 'x' })
    await watched(rename, { params: { thingId: '1' }, body: { name: 'x' } })
    expect(told).toEqual([false, true])
  })

  test('a sign-in service that cannot be reached counts as no network', async () => {
    const cut = createApiClient({
      baseUrl: API_URL,
      getToken: () => Promise.reject(new Error('offline')),
    })
    const error = await failureOf(cut(rename, { params: { thingId: '1' }, body: { name: 'x' } }))
    expect(error.code).toBe('client.offline')
  })
})

describe('files', () => {
  const file = endpoint({
    method: 'GET',
    path: '/v1/things.csv',
    permission: 'audit.read',
    summary: 'Things',
    query: z.object({ from: z.string().optional() }),
    response: z.void(),
    bytes: { contentTypes: ['text/csv'] },
  })

  test('are handed over whole, asked for with their query', async () => {
    onCall(file, () => new Response('a,b\n1,2\n'))
    const kept = await client.download(file, { query: { from: '2026-11-01' } })
    expect(await kept.text()).toBe('a,b\n1,2\n')
    expect(requestsTo(file)[0]?.query).toEqual({ from: '2026-11-01' })
  })

  test('that are refused give the refusal, not its text as a file', async () => {
    onCall(file, () => aProblem(403, 'request.forbidden'))
    const error = await failureOf(client.download(file, { query: {} }))
    expect(error.code).toBe('request.forbidden')
  })
})
