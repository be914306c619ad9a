import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Endpoint } from '#api/contract/endpoint.ts'

export const API_URL = 'http://api.test'

const server = setupServer()
type Request = {
  method: string
  path: string
  query: Record<string, string>
  body: unknown
  idempotencyKey: string | null
}
const asked: Request[] = []

beforeAll(() =>
  server.listen({
    // Sockets go to a real server of the test's own; a request nobody answers is a fault of the test.
    onUnhandledFrame({ frame, defaults }) {
      if (frame.protocol !== 'ws') defaults.error()
    },
  }),
)
afterEach(() => {
  server.resetHandlers()
  asked.length = 0
})
afterAll(() => server.close())

type Asked = { params: Record<string, unknown>; query: URLSearchParams; body: unknown }

/** Answers an endpoint over HTTP as the API would: with what the contract promises, or with what `answer` makes. */
export function onCall(
  declared: Endpoint,
  answer: unknown | ((asked: Asked) => unknown),
  options: { status?: number } = {},
): void {
  const method = declared.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
  server.use(
    http[method](`${API_URL}${declared.path}`, async ({ request, params }) => {
      const url = new URL(request.url)
      const text = await request.text()
      const body: unknown = text && !declared.upload ? JSON.parse(text) : text || undefined
      const query = Object.fromEntries(url.searchParams)
      const idempotencyKey = request.headers.get('idempotency-key')
      asked.push({ method: declared.method, path: url.pathname, query, body, idempotencyKey })
      const given =
        typeof answer === 'function'
          ? await answer({ params, query: url.searchParams, body })
          : answer
      const status = options.status ?? declared.status ?? 200
      const response =
        given instanceof Response ? given : HttpResponse.json(given as never, { status })
      // A network error carries no headers and takes none.
      if (declared.upload && response.type !== 'error')
        response.headers.set('access-control-allow-origin', '*')
      return response
    }),
  )
  if (declared.upload) server.use(http.options(`${API_URL}${declared.path}`, allowUpload))
}

/** jsdom's XMLHttpRequest, unlike its fetch, asks another origin for leave before it sends. */
const allowUpload = () =>
  new HttpResponse(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'accept, authorization, content-type',
    },
  })

/** A refusal as the API writes it. */
export const aProblem = (status: number, code: string, detail = 'It was refused.'): Response =>
  HttpResponse.json(
    { type: 'about:blank', title: 'Refused', status, detail, code, requestId: 'req_1' },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )

/** The requests so far that reached an endpoint. */
export const requestsTo = (declared: Endpoint) => {
  const pattern = new RegExp(`^${declared.path.replaceAll(/:\w+/g, '[^/]+')}$`)
  return asked.filter((one) => one.method === declared.method && pattern.test(one.path))
}

/** An answer that does not come before the test is over. */
export const never = () => new Promise<never>(() => undefined)
