import { createPublicKey } from 'node:crypto'
import { isIP } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { logLevels } from './log.ts'
import { type Limits, limitsFrom } from './rate-limits/limits.ts'

/** Everything a process is told from outside, parsed once and passed as a value. */
export type Config = ReturnType<typeof shape>

/** All that is wrong with the environment, a line each. */
export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Environment = Record<string, string | undefined>

/** Throws one `ConfigError` that names every failure. */
export function loadConfig(environment: Environment = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = variables.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map(describe)
  if (isProduction(given)) problems.push(...unfitForProduction(given))
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)].sort())
  return shape(parsed.data)
}

const KEY_BYTES = 32 // AES-256
const BYTES_PER_MB = 2 ** 20

const url = (...protocols: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: `must be a URL starting with ${protocols.join(' or ')}`,
    })
    .transform((text) => text.replace(/\/+$/, ''))
const web = url('http:', 'https:')
const postgres = url('postgres:', 'postgresql:')
const port = (usual: number) => z.coerce.number().int().min(0).max(65_535).default(usual)
const secret = z.string().min(8, { error: 'is too short to be a secret' })
// Told to speak another, a process would send into the void: collectors take each at a port of its own.
const otlpProtocol = z
  .literal('http/json', { error: 'must be http/json, the only one that is spoken here' })
  .optional()

const variables = z.object({
  VOXCALLS_ENV: z.enum(['development', 'production']).optional(),
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  DATA_DIR: z.string().default('.voxcalls'),
  HOST: z.string().default('127.0.0.1'),
  API_PORT: port(3001),
  VOICE_PORT: port(3002),
  VOICE_OWN_PORT: port(3102),
  WORKER_PORT: port(3003),
  WEB_PORT: port(3000),
  GATEWAY_NAME: z.string().min(1).max(60).optional(),
  GATEWAY_URL: web.optional(),
  PUBLIC_API_URL: web,
  PUBLIC_VOICE_URL: web,
  PUBLIC_WEB_URL: web,
  DATABASE_URL: postgres,
  DATABASE_PLATFORM_URL: postgres,
  DATABASE_OWNER_URL: postgres.optional(),
  STORAGE_URL: url('file:', 's3:', 'http:', 'https:').optional(),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-zA-Z]{32}$/, { error: 'must be AC and 32 digits' }),
  TWILIO_AUTH_TOKEN: secret,
  TWILIO_BASE_URL: web.optional(),
  ELEVENLABS_API_KEY: secret,
  ELEVENLABS_BASE_URL: web.optional(),
  ELEVENLABS_WEBHOOK_SECRET: secret,
  OPENAI_API_KEY: secret.optional(),
  OPENAI_BASE_URL: web.optional(),
  CLERK_PUBLISHABLE_KEY: z.string().transform(frontendHost),
  CLERK_SECRET_KEY: secret,
  CLERK_JWT_KEY: z.string().transform(publicKey),
  CLERK_WEBHOOK_SECRET: z.string().regex(/^whsec_/, { error: 'must start with whsec_' }),
  CLERK_ISSUER: web.optional(),
  CLERK_API_URL: web.optional(),
  CLERK_FAPI_URL: web.optional(),
  CLERK_PROXY_URL: z.string().optional(),
  STRIPE_SECRET_KEY: secret.optional(),
  STRIPE_WEBHOOK_SECRET: secret.optional(),
  STRIPE_API_BASE: web.optional(),
  SMTP_URL: url('smtp:', 'smtps:'),
  MAIL_FROM: z.string().min(3).default('VoxCalls <no-reply@voxcalls.test>'),
  SUPER_ADMIN_EMAILS: z.string().default('').transform(addresses),
  ENCRYPTION_KEYS: z.string().transform(encryptionKeys),
  // Origins of the operator's own webhook receivers, which may be inside our networks.
  OUTGOING_EXEMPT_ORIGINS: z.string().default('').transform(origins),
  METRICS_TOKEN: secret.optional(),
  // Where traces go. The standard's other OTEL_* names are read by its own library, once it is loaded.
  OTEL_EXPORTER_OTLP_ENDPOINT: web.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: web.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: otlpProtocol,
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_SDK_DISABLED: z.string().default('false'),
  SANDBOX_URL: web.optional(),
  // Who may say for whom a request came; of everybody else X-Forwarded-For is not read.
  TRUSTED_PROXIES: z.string().default('').transform(networks),
  // Other counts than THREATS X-rate names: user=1200,anonymous=30.
  RATE_LIMITS: z.string().default('').transform(rateLimits),
  // Workers for each queue, each of which asks for jobs every two seconds: with forty queues an idle machine feels them.
  JOB_WORKERS: z.coerce.number().int().min(1).max(16).optional(),
  // What carries media: the ws library, or our own codec, which costs less and is younger.
  MEDIA_SOCKETS: z.enum(['library', 'own']).default('own'),
  // How long live calls may go on after SIGTERM before they are handed over (THREATS F6).
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(14_400).default(1_800),
  // How much of a gateway's disk its tape may take, where not what THREATS F11 says.
  TAPE_SPOOL_MB: z.coerce.number().int().min(64).max(1_048_576).optional(),
})

function shape(v: z.output<typeof variables>) {
  const dataDir = path.resolve(v.DATA_DIR)
  const production = isProduction(v)
  const ownUrl = production ? v.PUBLIC_VOICE_URL : `http://${v.HOST}:${v.VOICE_OWN_PORT}`
  return {
    production,
    logLevel: v.LOG_LEVEL,
    dataDir,
    host: v.HOST,
    ports: {
      api: v.API_PORT,
      worker: v.WORKER_PORT,
      web: v.WEB_PORT,
      /** Shared by all gateways of a machine; Twilio's calls arrive here. */
      voice: v.VOICE_PORT,
      /** This gateway's own: live feed, health, metrics. */
      voiceOwn: v.VOICE_OWN_PORT,
    },
    gateway: {
      name: v.GATEWAY_NAME ?? `gateway-${v.VOICE_OWN_PORT}`,
      /** Where browsers reach this very gateway. */
      url: v.GATEWAY_URL ?? ownUrl,
    },
    publicApiUrl: v.PUBLIC_API_URL,
    publicVoiceUrl: v.PUBLIC_VOICE_URL,
    publicWebUrl: v.PUBLIC_WEB_URL,
    database: {
      url: v.DATABASE_URL,
      platformUrl: v.DATABASE_PLATFORM_URL,
      /** Only migrations and the queue's schema need the owner. */
      ownerUrl: v.DATABASE_OWNER_URL ?? null,
    },
    storageUrl: v.STORAGE_URL ?? pathToFileURL(path.join(dataDir, 'objects')).href,
    /** A null base URL is the vendor's own. */
    twilio: {
      accountSid: v.TWILIO_ACCOUNT_SID,
      authToken: v.TWILIO_AUTH_TOKEN,
      baseUrl: v.TWILIO_BASE_URL ?? null,
    },
    elevenLabs: {
      apiKey: v.ELEVENLABS_API_KEY,
      baseUrl: v.ELEVENLABS_BASE_URL ?? null,
      webhookSecret: v.ELEVENLABS_WEBHOOK_SECRET,
    },
    openAi: { apiKey: v.OPENAI_API_KEY ?? null, baseUrl: v.OPENAI_BASE_URL ?? null },
    clerk: {
      publishableKey: v.CLERK_PUBLISHABLE_KEY.key,
      secretKey: v.CLERK_SECRET_KEY,
      jwtKey: v.CLERK_JWT_KEY,
      webhookSecret: v.CLERK_WEBHOOK_SECRET,
      issuer: v.CLERK_ISSUER ?? `https://${v.CLERK_PUBLISHABLE_KEY.host}`,
      apiUrl: v.CLERK_API_URL ?? null,
      fapiUrl: v.CLERK_FAPI_URL ?? null,
      proxyUrl: v.CLERK_PROXY_URL ?? null,
    },
    stripe: {
      secretKey: v.STRIPE_SECRET_KEY ?? null,
      webhookSecret: v.STRIPE_WEBHOOK_SECRET ?? null,
      apiBase: v.STRIPE_API_BASE ?? null,
    },
    mail: { smtpUrl: v.SMTP_URL, from: v.MAIL_FROM },
    superAdminEmails: v.SUPER_ADMIN_EMAILS,
    /** The first encrypts; all of them decrypt. */
    encryptionKeys: v.ENCRYPTION_KEYS,
    outgoingExemptOrigins: v.OUTGOING_EXEMPT_ORIGINS,
    /** Asked for at `/metrics`; null leaves it open, which production does not allow. */
    metricsToken: v.METRICS_TOKEN ?? null,
    /** The collector's address for traces; null sends none. */
    tracesEndpoint: tracesEndpoint(v),
    /** The stand-ins' control pages; null wherever the vendors are real. */
    sandboxUrl: v.SANDBOX_URL ?? null,
    trustedProxies: v.TRUSTED_PROXIES,
    rateLimits: v.RATE_LIMITS,
    drainSeconds: v.DRAIN_SECONDS,
    tapeSpoolBytes: v.TAPE_SPOOL_MB && v.TAPE_SPOOL_MB * BYTES_PER_MB,
    jobWorkers: v.JOB_WORKERS,
    mediaSockets: v.MEDIA_SOCKETS,
  }
}

function tracesEndpoint(v: z.output<typeof variables>): string | null {
  if (v.OTEL_SDK_DISABLED.toLowerCase() === 'true' || v.OTEL_TRACES_EXPORTER === 'none') return null
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: shared } = v
  return own ?? (shared ? `${shared}/v1/traces` : null)
}

const isProduction = (given: {
  VOXCALLS_ENV?: string | undefined
  NODE_ENV?: string | undefined
}): boolean => (given.VOXCALLS_ENV ?? given.NODE_ENV) === 'production'

const PUBLIC_URLS = ['PUBLIC_API_URL', 'PUBLIC_VOICE_URL', 'PUBLIC_WEB_URL', 'GATEWAY_URL']
const VENDOR_URLS = [
  'TWILIO_BASE_URL',
  'ELEVENLABS_BASE_URL',
  'OPENAI_BASE_URL',
  'CLERK_API_URL',
  'CLERK_FAPI_URL',
  'CLERK_PROXY_URL',
  'CLERK_ISSUER',
  'STORAGE_URL',
  'STRIPE_API_BASE',
  'SMTP_URL',
]
const SECRETS = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'ELEVENLABS_API_KEY',
  'ELEVENLABS_WEBHOOK_SECRET',
  'OPENAI_API_KEY',
  'CLERK_PUBLISHABLE_KEY',
  'CLERK_SECRET_KEY',
  'CLERK_WEBHOOK_SECRET',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'ENCRYPTION_KEYS',
  'DATABASE_URL',
  'DATABASE_PLATFORM_URL',
  'DATABASE_OWNER_URL',
]

/** THREATS T32: nothing of a developer's machine may carry a real customer's call. */
function unfitForProduction(given: Environment): string[] {
  const found: string[] = []
  if (given.SANDBOX_URL) found.push('SANDBOX_URL must be absent in production')
  for (const name of ['MAIL_FROM', 'METRICS_TOKEN']) {
    if (!given[name]) found.push(`${name} is missing`)
  }
  for (const name of PUBLIC_URLS) {
    const value = given[name]
    if (!value || !URL.canParse(value)) continue
    if (new URL(value).protocol !== 'https:') found.push(`${name} must be https in production`)
    if (isLoopback(value)) found.push(`${name} must not be a loopback address in production`)
  }
  for (const name of VENDOR_URLS) {
    const value = given[name]
    if (!value || !URL.canParse(value)) continue
    if (isLoopback(value)) found.push(`${name} must not be a loopback address in production`)
    if (new URL(value).protocol === 'http:') found.push(`${name} must be https in production`)
  }
  for (const origin of (given.OUTGOING_EXEMPT_ORIGINS ?? '').split(',')) {
    if (URL.canParse(origin.trim()) && isLoopback(origin.trim()))
      found.push('OUTGOING_EXEMPT_ORIGINS must not hold a loopback address in production')
  }
  for (const name of SECRETS) {
    if (isSample(given[name]))
      found.push(`${name} is a sample value and must not be used in production`)
  }
  return found
}

function isLoopback(text: string): boolean {
  const host = new URL(text).hostname.replace(/^\[|\]$/g, '')
  return (
    host === 'localhost' || host.endsWith('.localhost') || /^(127\.|0\.0\.0\.0$|::1?$)/.test(host)
  )
}

/** Sample values say so: in clear, in base64 as keys are written, or by one digit repeated. */
function isSample(value: string | undefined): boolean {
  if (!value) return false
  const inside = value.split(/[_:,]/).map((part) => Buffer.from(part, 'base64').toString('latin1'))
  if ([value, ...inside].some((text) => /sandbox|changeme|example|sample/i.test(text))) return true
  return /^AC(\w)\1{31}$/.test(value)
}

function frontendHost(key: string, context: z.RefinementCtx): { key: string; host: string } {
  const encoded = /^pk_(?:live|test)_(.+)$/.exec(key)?.[1] ?? ''
  const host = Buffer.from(encoded, 'base64').toString('latin1')
  if (/^[\w.-]+\.[\w-]+\$$/.test(host)) return { key, host: host.slice(0, -1) }
  context.addIssue({ code: 'custom', message: 'must be a Clerk publishable key (pk_live_…)' })
  return z.NEVER
}

/** Clerk verifies only SPKI with real line ends; dashboards and `.env` files hand out other spellings. */
function publicKey(text: string, context: z.RefinementCtx): string {
  const lines = text.replaceAll('\\n', '\n').trim()
  const pem = lines.startsWith('-----')
    ? lines
    : `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----`
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType !== 'rsa') throw new Error(`it is ${key.asymmetricKeyType}`)
    return key.export({ type: 'spki', format: 'pem' }).toString()
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be the RSA public key of the instance (PEM)',
    })
    return z.NEVER
  }
}

function origins(text: string, context: z.RefinementCtx): string[] {
  const parts = text.split(',').map((part) => part.trim())
  const given = parts.filter((part) => part.length > 0)
  if (given.every((part) => URL.parse(part)?.origin === part)) return given
  context.addIssue({ code: 'custom', message: 'must be origins such as https://hooks.example.com' })
  return z.NEVER
}

function networks(text: string, context: z.RefinementCtx): string[] {
  const given = addresses(text)
  const isNetwork = (part: string) => {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? []
    return isIP(address) > 0 && Number(bits ?? 0) <= (isIP(address) === 4 ? 32 : 128)
  }
  if (given.every(isNetwork)) return given
  context.addIssue({ code: 'custom', message: 'must be addresses such as 10.0.0.0/8 or ::1' })
  return z.NEVER
}

function rateLimits(text: string, context: z.RefinementCtx): Limits {
  const limits = limitsFrom(text)
  if (limits) return limits
  context.addIssue({ code: 'custom', message: 'must be counts such as user=1200,anonymous=30' })
  return z.NEVER
}

function addresses(text: string): string[] {
  const trimmed = text.split(',').map((address) => address.trim().toLowerCase())
  return trimmed.filter((address) => address.length > 0)
}

/** `id:base64,id:base64`: rotation puts a new key in front and keeps the old one for reading. */
function encryptionKeys(text: string, context: z.RefinementCtx): { id: string; key: Buffer }[] {
  const keys = text.split(',').map((part) => {
    const [id = '', encoded = ''] = part.trim().split(':')
    return { id, key: Buffer.from(encoded, 'base64') }
  })
  if (keys.every(({ id, key }) => /^[\w-]{1,40}$/.test(id) && key.length === KEY_BYTES)) return keys
  context.addIssue({
    code: 'custom',
    message: 'must be id:base64 of 32 bytes, separated by commas',
  })
  return z.NEVER
}

function describe(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.')
  const missing = issue.code === 'invalid_type' && /received undefined/.test(issue.message)
  return missing ? `${name} is missing` : `${name} ${issue.message}`
}
