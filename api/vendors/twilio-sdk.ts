import twilio from 'twilio'
import { VendorError } from '#api/core/errors.ts'
import { asking } from './asking.ts'
import type { Breaker } from './breakers.ts'
import { exchange } from './exchange.ts'
import { codeOf, refused, unanswered } from './failure.ts'

const { RequestClient } = twilio
type SentRequest = Parameters<InstanceType<typeof RequestClient>['request']>[0]

const NOT_FOUND = 404
const CALL_IS_OVER = '21220' // "call is not in a state to be updated"

export type TwilioSdk = ReturnType<typeof openSdk>

/** Twilio's SDK for one account, over our transport: deadlines, no redirects, a cap, any host. */
export const openSdk = (account: {
  accountSid: string
  authToken: string
  baseUrl: string | null
}) =>
  twilio(account.accountSid, account.authToken, { httpClient: new GuardedHttp(account.baseUrl) })

/** The SDK's transport, replaced: its own follows no deadline for connecting and knows no other host. */
class GuardedHttp extends RequestClient {
  readonly #baseUrl: URL | null
  constructor(baseUrl: string | null) {
    super()
    this.#baseUrl = baseUrl ? new URL(baseUrl) : null
  }

  override async request<T>(sent: SentRequest): Promise<{
    statusCode: number
    body: T
    headers: unknown
    toString(): string
  }> {
    const url = new URL(sent.uri)
    if (this.#baseUrl) {
      url.protocol = this.#baseUrl.protocol
      url.host = this.#baseUrl.host
    }
    for (const [name, value] of fields(sent.params)) url.searchParams.append(name, value)
    const form = new URLSearchParams(fields(sent.data)).toString()
    const credentials = Buffer.from(`${sent.username}:${sent.password}`).toString('base64')
    const answer = await exchange({
      method: methodOf(sent.method),
      url,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${credentials}`,
        'user-agent': 'voxcalls',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: form }),
    })
    // The SDK parses the text itself, and takes a page of HTML for an error without a code.
    const body = answer.body.toString('utf8') as T
    return { statusCode: answer.status, body, headers: answer.headers, toString: () => '' }
  }
}

const methods = ['GET', 'POST', 'DELETE'] as const

function methodOf(name: string): (typeof methods)[number] {
  const method = methods.find((known) => known === name.toUpperCase())
  if (!method) throw new Error(`Twilio's API has no ${name}`)
  return method
}

/** Form fields as Twilio takes them: a list is its name repeated. */
function fields(values: unknown): [string, string][] {
  return Object.entries(values ?? {}).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return []
    return [value].flat().map((item) => [name, String(item)])
  })
}

/** One request; tried again where that can do nothing twice. Its failure is a `VendorError`. */
export type Attempt = <T>(
  operation: string,
  repeatable: boolean,
  work: () => Promise<T>,
) => Promise<T>

export const attemptBy =
  (breaker: Breaker): Attempt =>
  (operation, repeatable, work) =>
    asking(breaker, operation, repeatable, async () => {
      try {
        return await work()
      } catch (error) {
        throw translate(operation, error)
      }
    })

/** The SDK throws several classes; all of them carry these two numbers when Twilio answered. */
function translate(operation: string, error: unknown): VendorError {
  const number = (name: string): number | undefined => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
    return typeof value === 'number' ? value : undefined
  }
  const [status, code] = [number('status'), number('code')]
  if (status === undefined) return unanswered('twilio', operation, error)
  // An answer without a code is a page of somebody in between, not Twilio's sentence.
  const words = code !== undefined && error instanceof Error ? error.message : undefined
  return refused('twilio', operation, status, code?.toString(), words)
}

/** What cannot be changed because it is over needs no change. */
export async function unlessOver(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    if (error.status !== NOT_FOUND && codeOf(error) !== CALL_IS_OVER) throw error
  }
}

/** Null where Twilio knows no such thing. */
export async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof VendorError && error.status === NOT_FOUND) return null
    throw error
  }
}
