/** What Clerk answers when it will not: a code, a sentence, and the form field it belongs to. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  constructor(status: number, code: string, message: string, field?: string) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
  }
}

export const accountNotFound = () =>
  new Refusal(422, 'form_identifier_not_found', "Couldn't find your account.", 'identifier')

export const identifierMissing = () =>
  new Refusal(422, 'form_param_missing', 'Enter email address.', 'identifier')

export const passwordWrong = (field = 'password') =>
  new Refusal(
    422,
    'form_password_incorrect',
    'Password is incorrect. Try again, or use another method.',
    field,
  )

export const passwordTooShort = () =>
  new Refusal(
    422,
    'form_password_length_too_short',
    'Passwords must be 8 characters or more.',
    'password',
  )

export const emailTaken = () =>
  new Refusal(
    422,
    'form_identifier_exists',
    'That email address is taken. Please try another.',
    'email_address',
  )

export const emailMalformed = () =>
  new Refusal(
    422,
    'form_param_format_invalid',
    'Email address must be a valid email address.',
    'email_address',
  )

export const codeWrong = () => new Refusal(422, 'form_code_incorrect', 'Incorrect code', 'code')

export const codeExpired = () =>
  new Refusal(422, 'verification_expired', 'This code has expired. Send a new one.', 'code')

export const tooManyCodes = () =>
  new Refusal(422, 'verification_failed', 'Too many failed attempts. Send a new code.', 'code')

export const strategyUnknown = (strategy: string) =>
  new Refusal(
    422,
    'form_param_value_invalid',
    `${strategy || 'An empty strategy'} does not match one of the allowed values.`,
    'strategy',
  )

export const valueInvalid = (field: string, message: string) =>
  new Refusal(422, 'form_param_format_invalid', message, field)

export const notFound = (what = 'Resource') =>
  new Refusal(404, 'resource_not_found', `${what} not found`)

export const signedOut = () =>
  new Refusal(401, 'authentication_invalid', 'Unable to authenticate the request.')

export const bearerMissing = () =>
  new Refusal(
    401,
    'authorization_header_format_invalid',
    'Invalid Authorization header format. Must be "Bearer <YOUR_API_KEY>"',
  )

export const secretKeyWrong = () =>
  new Refusal(401, 'clerk_key_invalid', 'The provided Clerk Secret Key is invalid.')

export const mailFailed = () =>
  new Refusal(503, 'email_delivery_failed', 'The e-mail could not be sent. Try again.')
