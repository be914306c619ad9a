import { makeSid } from '../sids.ts'

/** A refusal as Twilio words it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }

  body() {
    const { code, message, status } = this
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  }
}

export const refuse = (code: number, message: string) => new Refusal(400, code, message)

export const notFound = (path: string) =>
  new Refusal(404, 20404, `The requested resource ${path.split('?')[0]} was not found`)

export type Form = Record<string, unknown>

/** A form or query field as text; undefined when absent. The last one wins when it stands twice. */
export function field(form: unknown, name: string): string | undefined {
  const value = fieldsIn(form)[name]
  const last = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : undefined
}

/** A repeated field; empty when absent. */
export function fields(form: unknown, name: string): string[] {
  const value = fieldsIn(form)[name]
  const all = Array.isArray(value) ? value : [value]
  return all.filter((one) => typeof one === 'string')
}

export function fieldsIn(form: unknown): Form {
  return typeof form === 'object' && form !== null ? (form as Form) : {}
}

export function wholeNumber(form: unknown, name: string, low: number, high: number) {
  const value = field(form, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < low || number > high)
    throw refuse(20001, `${name} must be a number from ${low} to ${high}`)
  return number
}

export function methodField(form: unknown, name: string): 'GET' | 'POST' {
  const value = field(form, name)?.toUpperCase() ?? 'POST'
  if (value !== 'GET' && value !== 'POST') throw refuse(21403, `${name} must be GET or POST`)
  return value
}

const PAGE_SIZE = 50
const MAX_PAGE_SIZE = 1_000
const MAX_PAGE = 100_000

/** One page and its envelope, with addresses of the pages around it. */
export function listPage<T>(plural: string, url: string, all: T[], render: (one: T) => unknown) {
  const [path, search] = url.split('?')
  const query = new URLSearchParams(search)
  const size = Math.min(MAX_PAGE_SIZE, Math.max(1, Number(query.get('PageSize')) || PAGE_SIZE))
  const page = Math.min(MAX_PAGE, Math.max(0, Math.floor(Number(query.get('Page')) || 0)))
  const start = page * size
  const rows = all.slice(start, start + size)
  const address = (n: number) => {
    const other = new URLSearchParams(query)
    other.set('PageSize', String(size))
    other.set('Page', String(n))
    if (n > page) other.set('PageToken', makeSid('PA'))
    else other.delete('PageToken')
    return `${path}?${other}`
  }
  return {
    [plural]: rows.map(render),
    page,
    page_size: size,
    start,
    end: Math.max(start, start + rows.length - 1),
    uri: url,
    first_page_uri: address(0),
    next_page_uri: start + size < all.length ? address(page + 1) : null,
    previous_page_uri: page > 0 ? address(page - 1) : null,
  }
}
