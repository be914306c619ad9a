import type { Answer, Call, Endpoint } from '#api/contract/endpoint.ts'
import { ApiError, readJson, readProblem } from './api-error.ts'
import { sendFile } from './send-file.ts'

export const REQUEST_TIMEOUT_MS = 15_000 // The API's own bound on a whole request (THREATS X-http).
const DOWNLOAD_TIMEOUT_MS = 120_000 // A file of the largest export over a slow line.
export const RETRY_PAUSE_MS = 400 // Long enough for a restarted process to listen again, short enough to go unnoticed.

export type ApiClient = {
  <E extends Endpoint>(declared: E, sent: Call<E>, options?: CallOptions): Promise<Answer<E>>
  /** What an endpoint of bytes streams, whole: a file to be kept. */
  download<E extends Endpoint>(declared: E, sent: Call<E>): Promise<Blob>
  /** Sends a file to an endpoint of uploads, telling how much of it has left. */
  upload<E extends Endpoint>(declared: E, sent: Call<E>, upload: Upload): Promise<Answer<E>>
}

export type Upload = {
  file: Blob
  mediaType: string
  /** From 0 to 1. */
  onProgress?(share: number): void
  signal?: AbortSignal
}

export type CallOptions = {
  signal?: AbortSignal | undefined
  /** For endpoints that are `idempotent`: sent again under the same key, nothing happens a second time. */
  idempotencyKey?: string | undefined
}

type ClientOptions = {
  baseUrl: string
  getToken(): Promise<string | null>
  /** Told after every answer, so that a banner can say since when nothing came. */
  onReachable?(isReachable: boolean): void
}

/** Calls endpoints as their contracts declare them: typed on both ends, timed out, a failed read tried once more. */
export function createApiClient(options: ClientOptions): ApiClient {
  async function call<E extends Endpoint>(
    declared: E,
    sent: Call<E>,
    { signal, idempotencyKey }: CallOptions = {},
  ): Promise<Answer<E>> {
    const attempt = () => send(options, declared, sent, { signal, idempotencyKey })
    try {
      return await attempt()
    } catch (error) {
      if (declared.method !== 'GET' || !isPassing(error) || signal?.aborted) throw error
      await pause(RETRY_PAUSE_MS, signal)
      return attempt()
    }
  }
  const download = async <E extends Endpoint>(declared: E, sent: Call<E>): Promise<Blob> => {
    const response = await ask(options, declared, sent, { timeoutMs: DOWNLOAD_TIMEOUT_MS })
    return response.blob()
  }
  const upload = async <E extends Endpoint>(
    declared: E,
    sent: Call<E>,
    { file, mediaType, onProgress, signal }: Upload,
  ): Promise<Answer<E>> => {
    const headers = headersOf(declared, await fetchToken(options), { 'content-type': mediaType })
    const url = addressOf(options.baseUrl, declared, sent)
    const send = () => sendFile({ method: declared.method, url, headers, file, onProgress, signal })
    return readAnswer(declared, await accepted(await reach(options, send, signal)))
  }
  return Object.assign(call, { download, upload })
}

async function send<E extends Endpoint>(
  options: ClientOptions,
  declared: E,
  sent: Call<E>,
  given: CallOptions,
): Promise<Answer<E>> {
  const timeoutMs = REQUEST_TIMEOUT_MS
  return readAnswer(declared, await ask(options, declared, sent, { ...given, timeoutMs }))
}

async function readAnswer<E extends Endpoint>(declared: E, response: Response): Promise<Answer<E>> {
  const parsed = declared.response.safeParse(await readJson(response))
  if (!parsed.success) {
    throw new ApiError({
      code: 'client.unreadable',
      status: response.status,
      detail: `The answer of ${declared.method} ${declared.path} is not what its contract promises.`,
      requestId: response.headers.get('x-request-id'),
      cause: parsed.error,
    })
  }
  return parsed.data as Answer<E>
}

/** The answer of an endpoint, not yet read; a refusal is thrown. */
async function ask<E extends Endpoint>(
  options: ClientOptions,
  declared: E,
  sent: Call<E>,
  { signal, idempotencyKey, timeoutMs }: CallOptions & { timeoutMs: number },
): Promise<Response> {
  const token = await fetchToken(options)
  const { body } = sent as { body?: unknown }
  const init: RequestInit = {
    method: declared.method,
    headers: headersOf(declared, token, {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: withTimeout(signal, timeoutMs),
  }
  const url = addressOf(options.baseUrl, declared, sent)
  return accepted(await reach(options, () => fetch(url, init), signal))
}

const headersOf = (declared: Endpoint, token: string | null, rest: Record<string, string>) => ({
  accept: declared.bytes?.contentTypes.join(', ') ?? 'application/json',
  ...(token && { authorization: `Bearer ${token}` }),
  ...rest,
})

async function accepted(response: Response): Promise<Response> {
  if (!response.ok) throw await readProblem(response)
  return response
}

async function fetchToken(options: ClientOptions): Promise<string | null> {
  try {
    return await options.getToken()
  } catch (cause) {
    // A fresh token comes over the network too; without one nothing can be asked.
    options.onReachable?.(false)
    throw new ApiError({
      code: 'client.offline',
      status: 0,
      detail: 'The sign-in service could not be reached.',
      cause,
    })
  }
}

async function reach(
  options: ClientOptions,
  attempt: () => Promise<Response>,
  unwanted: AbortSignal | undefined,
): Promise<Response> {
  try {
    const response = await attempt()
    options.onReachable?.(true)
    return response
  } catch (cause) {
    if (unwanted?.aborted) throw cause
    options.onReachable?.(false)
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
    throw new ApiError({
      code: isTimeout ? 'client.timeout' : 'client.offline',
      status: 0,
      detail: isTimeout
        ? 'The server took too long to answer.'
        : 'The server could not be reached.',
      cause,
    })
  }
}

/** Where an endpoint is reached with these parameters; absent query values are left out. */
export function addressOf<E extends Endpoint>(baseUrl: string, declared: E, sent: Call<E>): string {
  const { params = {}, query = {} } = sent as {
    params?: Record<string, string>
    query?: Record<string, unknown>
  }
  const path = declared.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${declared.path} needs ${name}`)
    return encodeURIComponent(value)
  })
  const given = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]): [string, string] => [name, String(value)])
  return `${baseUrl}${path}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`
}

const isPassing = (error: unknown): boolean => error instanceof ApiError && error.isPassing

const withTimeout = (signal: AbortSignal | undefined, timeoutMs: number): AbortSignal => {
  const timeout = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
