import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { sandboxCredentials } from '../../sandbox/config.ts'
import { ConfigError, type Environment, loadConfig } from './config.ts'

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const keyBytes = Buffer.alloc(32, 7)

const usable: Environment = {
  VOXCALLS_ENV: 'production',
  PUBLIC_API_URL: 'https://api.acme.com/',
  PUBLIC_VOICE_URL: 'https://voice.acme.com',
  PUBLIC_WEB_URL: 'https://app.acme.com',
  DATABASE_URL: 'postgres://voxcalls_app:k3v9@db.acme.internal/voxcalls',
  DATABASE_PLATFORM_URL: 'postgres://voxcalls_platform:k3v9@db.acme.internal/voxcalls',
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  ELEVENLABS_API_KEY: 'sk_5d1e0f',
  ELEVENLABS_WEBHOOK_SECRET: 'wsec_5d1e0f',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from('clerk.acme.com$').toString('base64').replace(/=+$/, '')}`,
  CLERK_SECRET_KEY: 'sk_live_8c1a9e77',
  CLERK_JWT_KEY: pem,
  CLERK_WEBHOOK_SECRET: 'whsec_q83vEjRWeJA=',
  SMTP_URL: 'smtps://user:pass@mail.acme.com',
  MAIL_FROM: 'VoxCalls <calls@acme.com>',
  METRICS_TOKEN: '0f1e2d3c4b5a',
  ENCRYPTION_KEYS: `2026-11:${keyBytes.toString('base64')}`,
}

const failuresOf = (environment: Environment): string[] => {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('a complete production environment starts', () => {
  const config = loadConfig(usable)
  expect(config.production).toBe(true)
  expect(config.publicApiUrl).toBe('https://api.acme.com')
  expect(config.clerk.issuer).toBe('https://clerk.acme.com')
  expect(config.encryptionKeys).toEqual([{ id: '2026-11', key: keyBytes }])
  expect(config.sandboxUrl).toBeNull()
})

test('all failures are told at once, a line each', () => {
  const failures = failuresOf({
    ...usable,
    DATABASE_URL: '',
    API_PORT: '70000',
    CLERK_JWT_KEY: 'no key',
  })
  expect(failures).toHaveLength(3)
  expect(failures.join('\n')).toMatch(/^API_PORT .*\nCLERK_JWT_KEY .*\nDATABASE_URL is missing$/)
})

test.each([
  ['SANDBOX_URL', 'http://127.0.0.1:4000'],
  ['TWILIO_BASE_URL', 'http://127.0.0.1:4010'],
  ['ELEVENLABS_BASE_URL', 'https://localhost:4020'],
  ['CLERK_API_URL', 'http://[::1]:4050'],
  ['CLERK_ISSUER', 'http://127.0.0.1:4050'],
  ['CLERK_PROXY_URL', 'http://localhost:3000/__clerk'],
  ['STORAGE_URL', 'http://key:secret@127.0.0.1:9000/voxcalls'],
  ['STORAGE_URL', 'http://key:secret@objects.acme.com/voxcalls'],
  ['SMTP_URL', 'smtp://127.0.0.1:4060'],
  ['PUBLIC_VOICE_URL', 'http://voice.acme.com'],
  ['PUBLIC_API_URL', 'https://localhost:3001'],
  ['CLERK_SECRET_KEY', 'sk_live_sandbox'],
  ['CLERK_PUBLISHABLE_KEY', 'pk_live_Y2xlcmsuc2FuZGJveC50ZXN0JA'],
  ['CLERK_WEBHOOK_SECRET', `whsec_${Buffer.from('sandbox-webhook-secret').toString('base64')}`],
  ['TWILIO_AUTH_TOKEN', 'sandbox-auth-token'],
  ['TWILIO_ACCOUNT_SID', `AC${'0'.repeat(32)}`],
  ['ENCRYPTION_KEYS', `sandbox:${keyBytes.toString('base64')}`],
  ['DATABASE_URL', 'postgres://voxcalls_app:sandbox@db.acme.internal/voxcalls'],
  ['MAIL_FROM', ''],
  ['METRICS_TOKEN', ''],
  ['ENCRYPTION_KEYS', ''],
])('production refuses %s=%s', (name, value) => {
  expect(failuresOf({ ...usable, [name]: value }).join()).toContain(name)
  if (value)
    expect(failuresOf({ ...usable, [name]: value, VOXCALLS_ENV: 'development' })).toEqual([])
})

test.each([
  ['TWILIO_ACCOUNT_SID', sandboxCredentials.twilioAccountSid],
  ['TWILIO_AUTH_TOKEN', sandboxCredentials.twilioAuthToken],
  ['ELEVENLABS_API_KEY', sandboxCredentials.elevenLabsApiKey],
  ['ELEVENLABS_WEBHOOK_SECRET', sandboxCredentials.elevenLabsWebhookSecret],
  ['CLERK_PUBLISHABLE_KEY', sandboxCredentials.clerkPublishableKey],
  ['CLERK_SECRET_KEY', sandboxCredentials.clerkSecretKey],
  ['CLERK_WEBHOOK_SECRET', sandboxCredentials.clerkWebhookSecret],
])('the stand-ins’ %s alone keeps production from starting', (name, value) => {
  expect(failuresOf({ ...usable, [name]: value })).toEqual([
    `${name} is a sample value and must not be used in production`,
  ])
})

test('NODE_ENV alone also means production', () => {
  const { VOXCALLS_ENV: _mode, ...rest } = usable
  expect(
    failuresOf({ ...rest, NODE_ENV: 'production', SANDBOX_URL: 'http://127.0.0.1:4000' }),
  ).toHaveLength(1)
})

test.each([
  ['one line with escaped line ends', pem.replaceAll('\n', '\\n')],
  ['the body alone', pem.split('\n').slice(1, -2).join('')],
  ['PKCS#1', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
])('the Clerk key may be written as %s', (_spelling, text) => {
  expect(loadConfig({ ...usable, CLERK_JWT_KEY: text }).clerk.jwtKey).toBe(pem)
})

test('a key of the wrong length is refused before anything is encrypted with it', () => {
  const short = `a:${Buffer.alloc(16).toString('base64')}`
  expect(failuresOf({ ...usable, ENCRYPTION_KEYS: short })[0]).toContain('32 bytes')
})

test.each([
  [{}, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }, 'http://collector:4318/v1/traces'],
  [
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.acme.com/in',
    },
    'https://traces.acme.com/in',
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, null],
])('traces under %j go to %s', (given, endpoint) => {
  expect(loadConfig({ ...usable, ...given }).tracesEndpoint).toBe(endpoint)
})

test('a protocol that is not spoken is refused before a span is lost', () => {
  const failures = failuresOf({
    ...usable,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
  })
  expect(failures).toHaveLength(2)
  expect(failures.join()).toMatch(/_ENDPOINT must be a URL.*_PROTOCOL must be http\/json/)
})

test('what a tape may take is told in MB, and one too small for a few calls is refused', () => {
  expect(loadConfig(usable).tapeSpoolBytes).toBeUndefined()
  expect(loadConfig({ ...usable, TAPE_SPOOL_MB: '2048' }).tapeSpoolBytes).toBe(2_147_483_648)
  expect(failuresOf({ ...usable, TAPE_SPOOL_MB: '10' })).toEqual([
    expect.stringMatching(/^TAPE_SPOOL_MB/),
  ])
})
