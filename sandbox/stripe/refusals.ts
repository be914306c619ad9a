export type ErrorBody = {
  type?: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  code?: string
  decline_code?: string
  message: string
  param?: string
  charge?: string
  payment_intent?: object
  payment_method?: object
  setup_intent?: object
}

/** What Stripe answers when it will not. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly body: ErrorBody
  /** False where the request never began to run: an idempotency key then keeps nothing. */
  readonly validated: boolean

  constructor(status: number, body: ErrorBody, more: { validated?: boolean } = {}) {
    super(body.message)
    this.status = status
    this.body = { type: 'invalid_request_error', ...body }
    this.validated = more.validated ?? true
  }
}

export const invalid = (message: string, param?: string, code?: string): Refusal =>
  new Refusal(400, { message, ...(param && { param }), ...(code && { code }) })

export const noSuch = (what: string, id: string, param = 'id', status: 400 | 404 = 404): Refusal =>
  new Refusal(status, {
    code: 'resource_missing',
    message: `No such ${what}: '${id}'`,
    param,
  })

export const unexpectedState = (message: string, intent: object): Refusal =>
  new Refusal(400, {
    code: 'payment_intent_unexpected_state',
    message,
    payment_intent: structuredClone(intent),
  })

export const keyMissing = () =>
  new Refusal(401, {
    message:
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
  })
export const keyWrong = (key: string) =>
  new Refusal(401, { message: `Invalid API Key provided: ${masked(key)}` })
export const versionUnknown = (version: string) =>
  new Refusal(400, { message: `Invalid Stripe API version: ${version}` })

export const keyTooLong = () =>
  new Refusal(400, { message: 'Idempotency keys can have up to 255 characters.' })
export const keyReused = (key: string) =>
  new Refusal(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  })
export const keyInUse = (key: string) =>
  new Refusal(409, {
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}.`,
  })

const masked = (key: string): string =>
  key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}`
