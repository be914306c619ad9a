import { z } from 'zod'
import { Refusal } from './refusals.ts'

/** What a form with brackets says: texts, lists and objects of them. */
export type Form = { [name: string]: FormValue }
type FormValue = string | FormValue[] | Form

const MAX_FIELDS = 1_000 // a session with a hundred line items has half as many
const MAX_DEPTH = 10 // Stripe nests five deep at most

/** `a[b][0][c]=1` as `{ a: { b: [{ c: '1' }] } }`. */
export function parseForm(text: string): Form {
  const fields = [...new URLSearchParams(text)]
  if (fields.length > MAX_FIELDS) throw new Refusal(400, { message: 'Too many parameters.' })
  const form: Form = emptyForm()
  for (const [name, value] of fields) place(form, name, value)
  return withLists(form) as Form
}

/** Parses or refuses as Stripe words it: unknown, missing and malformed parameters by name. */
export function read<S extends z.ZodType>(schema: S, form: Form): z.output<S> {
  const parsed = schema.safeParse(form)
  if (parsed.success) return parsed.data
  throw refusalOf(parsed.error.issues[0])
}

const MAX_METADATA_KEYS = 50

export const text = z.string().min(1).max(5_000)
export const integer = z.string().transform((value, context) => {
  if (/^-?\d{1,15}$/.test(value)) return Number(value)
  context.addIssue({
    code: 'custom',
    message: `Invalid integer: ${value}`,
    params: { code: 'parameter_invalid_integer' },
  })
  return z.NEVER
})
export const flag = z.string().transform((value, context) => {
  if (value === 'true' || value === 'false') return value === 'true'
  context.addIssue({ code: 'custom', message: `Invalid boolean: ${value}` })
  return z.NEVER
})
export const webAddress = z.string().refine((value) => /^https?:\/\//.test(value), {
  error: 'Not a valid URL',
  params: { code: 'url_invalid' },
})
export const metadata = z
  .record(
    z.string().max(40, { error: 'Metadata keys can have up to 40 characters.' }),
    z.string().max(500, { error: 'Metadata values can have up to 500 characters.' }),
  )
  .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA_KEYS, {
    error: `Metadata can have up to ${MAX_METADATA_KEYS} keys.`,
  })
/** On every request. */
export const expand = z.array(z.string()).optional()
/** On every list. */
export const paging = {
  limit: integer.optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
  expand,
}
export const createdRange = z
  .strictObject({
    gt: integer.optional(),
    gte: integer.optional(),
    lt: integer.optional(),
    lte: integer.optional(),
  })
  .optional()

function place(form: Form, name: string, value: string): void {
  const path = name.replaceAll(']', '').split('[')
  if (path.length > MAX_DEPTH) throw new Refusal(400, { message: `Invalid parameter: ${name}` })
  let at: Form = form
  for (const [depth, step] of path.entries()) {
    // `a[]=x` appends.
    const key = step === '' ? String(Object.keys(at).length) : step
    if (depth === path.length - 1) {
      at[key] = value
      return
    }
    const next = at[key]
    if (typeof next === 'string') throw new Refusal(400, { message: `Invalid object: ${name}` })
    at = (next as Form | undefined) ?? (at[key] = emptyForm())
  }
}

// Without a prototype, `__proto__` is a name like any other.
const emptyForm = (): Form => Object.create(null) as Form

function withLists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, one]): [string, FormValue] => [
    key,
    withLists(one),
  ])
  const isList = entries.length > 0 && entries.every(([key], n) => key === String(n))
  return isList ? entries.map(([, one]) => one) : Object.fromEntries(entries)
}

function refusalOf(issue: z.core.$ZodIssue | undefined): Refusal {
  const path = issue?.path.map(String) ?? []
  if (issue?.code === 'unrecognized_keys') {
    const param = bracketed([...path, issue.keys[0] ?? ''])
    return invalid(`Received unknown parameter: ${param}`, param, 'parameter_unknown')
  }
  const param = bracketed(path)
  if (issue?.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return invalid(`Missing required param: ${param}.`, param, 'parameter_missing')
  if (issue?.code === 'too_small')
    return invalid(
      `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
      param,
      'parameter_invalid_empty',
    )
  if (issue?.code === 'invalid_value')
    return invalid(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, param)
  const code = issue?.code === 'custom' ? issue.params?.code : undefined
  return invalid(
    issue?.message ?? 'Invalid request',
    param,
    typeof code === 'string' ? code : undefined,
  )
}

const invalid = (message: string, param: string, code?: string): Refusal =>
  new Refusal(400, { message, param, ...(code && { code }) }, { validated: false })

const bracketed = ([first = '', ...rest]: string[]): string =>
  first + rest.map((step) => `[${step}]`).join('')
