import { callParams } from './call-params.ts'
import type { Leg } from './leg.ts'
import { makeSid } from './sids.ts'
import type { Params } from './signature.ts'
import { type Document, readTwiml, TwimlError } from './twiml.ts'
import { isWebAddress, type Method, sendWebhook } from './webhook.ts'
import type { World } from './world.ts'

/** Where the next TwiML comes from. */
export type Source =
  | { url: string; method: Method; params?: Params }
  | { twiml: string; base?: string }

export type Fallback = { url: string; method: Method } | undefined

export type Loaded = Document & { base: string | undefined }

/** Nothing could be run: the caller hears an application error and the call ends. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError'
  readonly code: number
  readonly url: string

  constructor(code: number, url: string, message: string) {
    super(message)
    this.code = code
    this.url = url
  }
}

const TWIML_TYPES = ['text/xml', 'application/xml', 'text/html'] // what Twilio takes for a document
const MAX_NOTIFICATIONS = 1_000

/** Fetches and reads a document; when that fails, the one of the fallback address. */
export async function load(
  world: World,
  leg: Leg,
  source: Source,
  fallback: Fallback,
): Promise<Loaded> {
  try {
    return await loadOnce(world, leg, source)
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error
    complain(world, leg, error.code, error.message, error.url)
    if (!fallback || leg.isOver) throw error
    const params = { ErrorCode: String(error.code), ErrorUrl: error.url }
    return await loadOnce(world, leg, { ...fallback, params })
  }
}

/** Writes a line into the debugger and into the log of the leg. */
export function complain(world: World, leg: Leg, code: number, message: string, url = ''): void {
  leg.happened({ kind: 'twiml-error', code, message })
  const { callSid } = leg
  world.notifications.push({
    sid: makeSid('NO'),
    callSid,
    errorCode: code,
    message,
    requestUrl: url,
    at: new Date(),
  })
  if (world.notifications.length > MAX_NOTIFICATIONS) world.notifications.shift()
}

async function loadOnce(world: World, leg: Leg, source: Source): Promise<Loaded> {
  if ('twiml' in source) return { ...read(source.twiml, source.base ?? ''), base: source.base }
  return { ...read(await fetchDocument(world, leg, source), source.url), base: source.url }
}

async function fetchDocument(
  world: World,
  leg: Leg,
  { url, method, params = {} }: Extract<Source, { url: string }>,
): Promise<string> {
  if (!isWebAddress(url)) throw new ApplicationError(11100, url, `${url} is not an address.`)
  const answer = await sendWebhook(world, url, method, { ...callParams(leg), ...params })
  const status = answer.kind === 'answered' ? answer.status : answer.kind
  leg.happened({ kind: 'webhook', url, status })
  if (answer.kind === 'timeout') throw new ApplicationError(11205, url, 'No answer in time.')
  if (answer.kind !== 'answered') throw new ApplicationError(11205, url, 'No connection.')
  if (answer.status < 200 || answer.status > 299)
    throw new ApplicationError(11200, url, `Answered with HTTP ${answer.status}.`)
  const type = answer.contentType.split(';')[0]!.trim().toLowerCase()
  if (!TWIML_TYPES.includes(type))
    throw new ApplicationError(12300, url, `Answered with the content type "${type}".`)
  return answer.body
}

function read(twiml: string, url: string): Document {
  try {
    return readTwiml(twiml)
  } catch (error) {
    if (error instanceof TwimlError) throw new ApplicationError(error.code, url, error.message)
    throw error
  }
}
