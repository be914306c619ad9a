import { type Problem, problem } from '#api/contract/problem.ts'

export type FieldError = { path: string; message: string }

/**
 * Why a call to the API gave no result; `code` is what callers branch on. Three codes are our own, for when no answer of the
 * API's can be read: `client.offline`, `client.timeout`, `client.unreadable`.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** 0 where no answer came. */
  readonly status: number
  readonly requestId: string | null
  readonly fields: readonly FieldError[]

  constructor(fault: {
    code: string
    status: number
    detail: string
    requestId?: string | null
    fields?: readonly FieldError[]
    cause?: unknown
  }) {
    super(fault.detail, { cause: fault.cause })
    this.code = fault.code
    this.status = fault.status
    this.requestId = fault.requestId ?? null
    this.fields = fault.fields ?? []
  }

  /** A second try may well succeed: nothing was decided, or the server stumbled. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** Reads a refusal; an answer that is not a problem document still gives its status and request id. */
export async function readProblem(response: Response): Promise<ApiError> {
  const parsed = problem.safeParse(await readJson(response))
  if (!parsed.success) {
    return new ApiError({
      code: 'client.unreadable',
      status: response.status,
      detail: `The server answered ${response.status} without an explanation.`,
      requestId: response.headers.get('x-request-id'),
    })
  }
  return fromProblem(parsed.data)
}

const fromProblem = (told: Problem): ApiError =>
  new ApiError({
    code: told.code,
    status: told.status,
    detail: told.detail,
    requestId: told.requestId,
    fields: told.errors ?? [],
  })

/** The body as JSON; `undefined` where there is none or it is something else. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    // A server in between may answer HTML; the caller's schema then says that it cannot be read.
    return undefined
  }
}
