/** A refusal we foresaw: `code` is the API's promise, the message is for people. */
export class DomainError extends Error {
  readonly code: string
  readonly status: number
  readonly fields: { path: string; message: string }[] | undefined
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: string,
    status: number,
    message: string,
    more: { fields?: { path: string; message: string }[]; retryAfterSeconds?: number } = {},
  ) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.status = status
    this.fields = more.fields
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

/** A vendor did not do what we asked. Its body stays out of the message. */
export class VendorError extends Error {
  // Private, so that no log that writes an error's own fields holds them (THREATS T24).
  readonly #words: string | undefined
  readonly vendor: string
  readonly operation: string
  readonly status: number | undefined
  readonly retryable: boolean
  constructor(
    vendor: string,
    operation: string,
    failure: {
      status?: number | undefined
      retryable: boolean
      cause?: unknown
      words?: string | undefined
    },
  ) {
    super(`${vendor} ${operation} failed${failure.status ? ` with ${failure.status}` : ''}`, {
      cause: failure.cause,
    })
    this.name = 'VendorError'
    this.vendor = vendor
    this.operation = operation
    this.status = failure.status
    this.retryable = failure.retryable
    this.#words = failure.words
  }

  /** Why, as the vendor put it: to show as plain text to those who run what was refused. */
  get words(): string | undefined {
    return this.#words
  }
}

/** A claim on some work ran out while this process stood still; another one does it. */
export class ClaimLost extends Error {
  constructor(options?: ErrorOptions) {
    super('another process has taken over', options)
    this.name = 'ClaimLost'
  }
}

export const notFound = (what: string) =>
  new DomainError('request.not_found', 404, `There is no such ${what}.`)
export const unauthenticated = () =>
  new DomainError('request.unauthenticated', 401, 'Sign in to do this.')
export const forbidden = (permission: string) =>
  new DomainError('request.forbidden', 403, `This needs the permission ${permission}.`)
export const invalidRequest = (message: string, fields?: { path: string; message: string }[]) =>
  new DomainError('request.invalid', 400, message, fields ? { fields } : {})
export const unavailable = (retryAfterSeconds: number) =>
  new DomainError('request.unavailable', 503, 'The service is busy. Try again shortly.', {
    retryAfterSeconds,
  })
