import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'

export type Logger = PinoLogger

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

const MAX_DEPTH = 6 // deeper fields are a mistake; the walk must end on a cycle too
const MAX_ITEMS = 50 // a log line is not a dump
const MAX_TEXT = 8_000 // characters of one value; a stack fits, a document does not
const REDACTED = '[redacted]'

/** JSON lines without secrets, spoken words or whole phone numbers, whatever a caller hands in. */
export function createLogger(options: {
  name: string
  level?: LogLevel
  destination?: DestinationStream
}): Logger {
  const settings = {
    name: options.name,
    level: options.level ?? 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { pid: process.pid },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => cleanFields(fields, 0),
      bindings: (fields: Record<string, unknown>) => cleanFields(fields, 0),
    },
    // The last net, over the finished line: the message and a child's bindings pass no formatter.
    hooks: { streamWrite: maskLine },
    // Errors are described by the walk below; pino's own serializer would print every property of theirs.
    serializers: { err: (value: unknown) => value },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}

/** `+15551234567` becomes `+*******4567`: enough to recognise a number, not to call it. */
export const maskNumber = (e164: string): string => e164.replaceAll(/\d(?=\d{4})/g, '*')

/** Text as it may stand in a log: numbers masked, link secrets cut, values of a failed query left out. */
export function maskText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  return maskPatterns(short.replaceAll(/\nparams: [^\n]*/g, ''))
}

const maskPatterns = (text: string): string =>
  text
    .replaceAll(/\+[1-9]\d{7,14}(?!\d)/g, maskNumber)
    .replaceAll(/([?&](?:ticket|token|signature|key)=)[^&\s"]+/gi, `$1${REDACTED}`)
    .replaceAll(/\b(Bearer|Basic) [\w.~+/=-]+/g, `$1 ${REDACTED}`)
    .replaceAll(/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g, REDACTED)

const maskLine = (line: string): string =>
  maskPatterns(line).replaceAll(
    /("(?:\w*(?:token|secret|password|apiKey)|authorization)":)"[^"]*"/gi,
    `$1"${REDACTED}"`,
  )

const SECRET_NAME =
  /^(authorization|cookie|set-cookie|password|.*secret.*|.*token.*|.*apikey.*|api[-_]key|jwtkey|.*signature.*|encryptionkeys)$/i
// Counts and times about secrets are not secrets.
const HARMLESS_NAME = /(count|at|seconds|ms|bytes)$/i

function cleanFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ITEMS)) {
    cleaned[name] = cleanField(name, value, depth)
  }
  return cleaned
}

function cleanField(name: string, value: unknown, depth: number): unknown {
  if (name === 'pii') return hidePerson(value, depth)
  if (SECRET_NAME.test(name) && !HARMLESS_NAME.test(name) && value != null) return REDACTED
  return clean(value, depth + 1)
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return value
  if (depth > MAX_DEPTH) return '[deep]'
  if (value instanceof Date) return value
  if (value instanceof Error) return describeError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1))
  return cleanFields(value as Record<string, unknown>, depth)
}

/** Under `pii` only a number keeps a trace of itself. */
function hidePerson(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return /^\+\d{5,15}$/.test(value) ? maskNumber(value) : REDACTED
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return REDACTED
  const entries = Object.entries(value).slice(0, MAX_ITEMS)
  return Object.fromEntries(entries.map(([name, item]) => [name, hidePerson(item, depth + 1)]))
}

// Named fields only: a driver's error carries row values in `detail`, `where` and `parameters`.
const ERROR_FIELDS = ['code', 'status', 'vendor', 'operation', 'retryable', 'constraint', 'table']

function describeError(error: Error, depth: number): Record<string, unknown> {
  const told: Record<string, unknown> = { type: error.name, message: maskText(error.message) }
  for (const field of ERROR_FIELDS) {
    const value: unknown = Reflect.get(error, field)
    if (value !== undefined) told[field] = clean(value, depth + 1)
  }
  if (error.stack) told.stack = maskText(error.stack)
  if (error.cause !== undefined) told.cause = clean(error.cause, depth + 1)
  if (error instanceof AggregateError) told.errors = clean(error.errors, depth + 1)
  return told
}
