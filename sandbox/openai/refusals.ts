/** An answer as OpenAI words its refusals. */
export class Refusal extends Error {
  readonly status: number
  readonly body: {
    error: { message: string; type: string; param: string | null; code: string | null }
  }
  constructor(
    status: number,
    message: string,
    more: { type?: string; param?: string; code?: string } = {},
  ) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    const { type = 'invalid_request_error', param = null, code = null } = more
    this.body = { error: { message, type, param, code } }
  }
}

export const noKey = () =>
  new Refusal(
    401,
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
  )
export const wrongKey = () =>
  new Refusal(401, 'Incorrect API key provided.', { code: 'invalid_api_key' })
export const noSuchModel = (model: string) =>
  new Refusal(404, `The model \`${model}\` does not exist or you do not have access to it.`, {
    code: 'model_not_found',
  })
export const invalid = (message: string, param?: string) =>
  new Refusal(400, message, param === undefined ? {} : { param })
export const unknownUrl = (method: string, path: string) =>
  new Refusal(404, `Invalid URL (${method} ${path})`)
