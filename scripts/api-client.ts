import type { Answer, Call, Endpoint } from '#api/contract/endpoint.ts'
import { problem } from '#api/contract/problem.ts'

const TIMEOUT_MS = 15_000

export class ApiRefusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`)
    this.status = status
    this.code = code
  }
}

export type ApiClient = <E extends Endpoint>(declared: E, sent: Call<E>) => Promise<Answer<E>>

/** Calls endpoints as one user; a token lives a minute, so one is asked for at each call. */
export function createApiClient(baseUrl: string, token: () => Promise<string>): ApiClient {
  return async (declared, sent) => {
    const parts = sent as {
      params?: Record<string, string>
      query?: Record<string, unknown>
      body?: unknown
    }
    const path = declared.path.replaceAll(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(parts.params?.[name] ?? ''),
    )
    const query = new URLSearchParams(
      Object.entries(parts.query ?? {}).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
    )
    const response = await fetch(`${baseUrl}${path}${query.size > 0 ? `?${query}` : ''}`, {
      method: declared.method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(parts.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) {
      const told = problem.safeParse(await response.json().catch(() => null))
      throw new ApiRefusal(
        response.status,
        told.success ? told.data.code : 'unreadable',
        told.success ? told.data.detail : response.statusText,
      )
    }
    return declared.response.parse(await response.json()) as Answer<typeof declared>
  }
}
