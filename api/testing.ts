import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import type { OrganizationRole, Permission, PlatformRole, Role } from '#api/contract/permissions.ts'
import { organizationRoles } from '#api/contract/permissions.ts'
import { loadConfig } from '#api/core/config.ts'
import type { Context, Queue } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { createHealth } from '#api/core/health.ts'
import { createLogger } from '#api/core/log.ts'
import { createMetrics, type Metrics } from '#api/core/metrics.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import { grantPlatformRole, syncUser } from '#api/domains/access/service.ts'
import { createApiKey } from '#api/domains/api-keys/service.ts'
import { addMember } from '#api/domains/members/service.ts'
import { anonymousContext } from '#api/http/organization.ts'
import type { HttpDeps } from '#api/http/request.ts'
import type { Route } from '#api/http/routes.ts'
import { VendorBreakers } from '#api/vendors/breakers.ts'
import { createVendors } from '#api/vendors/create.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { buildApp } from './app.ts'

export type Person = {
  userId: string
  clerkUserId: string
  organizationId: string | null
  token: string
}
const BREAKER_REST_MS = 15_000 // THREATS F27

export type TestApi = {
  app: FastifyInstance
  routes: Route[]
  deps: HttpDeps
  /** For calling verbs directly; belongs to nobody until `forOrganization`. */
  ctx: Context
  database: TestDatabase
  metrics: Metrics
  /** Every event and job that was sent, in order. */
  sent: { name: string; data: unknown }[]
  /** As if every open breaker had waited: the next request to each vendor is sent. */
  letVendorsRest(): void
  /** What was logged, a parsed line each. */
  logged(): Record<string, unknown>[]
  aPerson(options?: {
    organizationId?: string
    role?: OrganizationRole
    platformRole?: PlatformRole
    email?: string
  }): Promise<Person>
  /** Somebody who holds the role; organization roles get an organization of their own unless one is named. */
  aHolderOf(role: Role, organizationId?: string): Promise<Person>
  /** A program of the organization, signing in by its key. */
  aKey(
    organizationId: string,
    permissions: Permission[],
    expiresAt?: Date,
  ): Promise<{ keyId: string; token: string }>
  call<E extends Endpoint>(
    declared: E,
    input: Call<E>,
    as?: { token: string } | undefined,
  ): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

export const ISSUER = 'https://clerk.sandbox.test'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A session token as Clerk signs it; `over` replaces claims and `header` parts of the header. */
export function sessionToken(
  clerkUserId: string,
  over: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = privateKey,
): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    azp: 'http://localhost:3000',
    iss: ISSUER,
    sub: clerkUserId,
    sid: 'sess_test',
    sts: 'active',
    iat: now,
    nbf: now - 10,
    exp: now + 60,
    v: 2,
    ...over,
  }
  const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'ins_test', ...header })}.${encode(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

const GENEROUS =
  'anonymous=1000000,user=1000000,organization=1000000,signed-links=1000000,invites=100000,invite-accept=100000,exports=100000,call-start=100000'

/** An environment as the launcher makes it, with every vendor at an address where nobody listens. */
export const testEnvironment = (over: Record<string, string> = {}) => ({
  VOXCALLS_ENV: 'development',
  DATA_DIR: path.join(tmpdir(), 'voxcalls-api-test'),
  PUBLIC_API_URL: 'http://127.0.0.1:3001',
  PUBLIC_VOICE_URL: 'http://127.0.0.1:3002',
  PUBLIC_WEB_URL: 'http://localhost:3000',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  DATABASE_PLATFORM_URL: 'postgres://nobody@127.0.0.1:1/none',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'sandbox-twilio-token',
  TWILIO_BASE_URL: 'http://127.0.0.1:1',
  ELEVENLABS_API_KEY: 'sandbox-elevenlabs-key',
  ELEVENLABS_BASE_URL: 'http://127.0.0.1:1',
  ELEVENLABS_WEBHOOK_SECRET: 'wsec_sandbox',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from('clerk.sandbox.test$').toString('base64')}`,
  CLERK_SECRET_KEY: 'sk_live_sandbox',
  CLERK_JWT_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  CLERK_WEBHOOK_SECRET: `whsec_${Buffer.from('sandbox webhook secret').toString('base64')}`,
  CLERK_API_URL: 'http://127.0.0.1:1',
  SMTP_URL: 'smtp://127.0.0.1:1',
  ENCRYPTION_KEYS: `sandbox:${Buffer.alloc(32, 1).toString('base64')}`,
  SANDBOX_URL: 'http://127.0.0.1:4000',
  // Tests ask faster than people; those of the limits say what they want.
  RATE_LIMITS: GENEROUS,
  ...over,
})

/** The whole API over a database of its own, spoken to without a port. */
export async function testApi(over: Record<string, string> = {}): Promise<TestApi> {
  const config = loadConfig(testEnvironment(over))
  const database = await testDatabase()
  const metrics = createMetrics('api-test')
  const lines: string[] = []
  const log = createLogger({
    name: 'api-test',
    destination: { write: (line) => void lines.push(line) },
  })
  const sent: TestApi['sent'] = []
  let breakersAheadMs = 0
  const nowMs = () => performance.now() + breakersAheadMs
  const vendors = createVendors(config, new VendorBreakers({ nowMs }))
  const deps: HttpDeps = {
    config,
    database: database.database,
    queue: recordingQueue(sent),
    signer: createSigner('test'),
    keyring: createKeyring(config.encryptionKeys),
    vendors,
    log,
    now: () => new Date(),
    metrics,
    health: createHealth({
      name: 'api-test',
      checks: { database: () => database.database.ping() },
      metrics,
      metricsToken: config.metricsToken,
    }),
  }
  const { app, routes } = await buildApp(deps)
  const ctx = anonymousContext(deps, randomUUID())

  const aPerson: TestApi['aPerson'] = async (options = {}) => {
    const clerkUserId = `user_${randomUUID().replaceAll('-', '')}`
    const email = options.email ?? `${clerkUserId}@voxcalls.test`
    const name = 'Test Person'
    const userId = await syncUser(ctx, {
      clerkUserId,
      email,
      emailVerified: true,
      name,
      updatedAt: new Date(),
    })
    const { organizationId = null, role, platformRole } = options
    if (organizationId && role)
      await inTransaction(forOrganization(ctx, organizationId), (tx) =>
        addMember(tx, { userId, name, email, role }),
      )
    if (platformRole) await grantPlatformRole(ctx, userId, platformRole)
    // A walk over the whole API takes longer than a session token lives.
    const exp = Math.floor(Date.now() / 1000) + 3_600
    return { userId, clerkUserId, organizationId, token: sessionToken(clerkUserId, { exp }) }
  }

  return {
    app,
    routes,
    deps,
    ctx,
    database,
    metrics,
    sent,
    letVendorsRest() {
      breakersAheadMs += BREAKER_REST_MS
    },
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    aPerson,
    async aHolderOf(role, organizationId) {
      if (!isOrganizationRole(role)) return aPerson({ platformRole: role })
      return aPerson({ role, organizationId: organizationId ?? (await database.anOrganization()) })
    },
    async aKey(organizationId, permissions, expiresAt) {
      const { id, secret } = await createApiKey(forOrganization(ctx, organizationId), {
        name: 'Test key',
        permissions,
        expiresAt: expiresAt ?? null,
      })
      return { keyId: id, token: secret }
    },
    call: (declared, input, as) => app.inject(requestOf(declared, input, as?.token)),
    async close() {
      await app.close()
      await database.close()
      vendors.close()
      metrics.stop()
    },
  }
}

/** The request a client makes of an endpoint. */
export function requestOf<E extends Endpoint>(
  declared: E,
  input: Call<E>,
  token?: string,
): InjectOptions {
  const {
    params = {},
    query = {},
    body,
  } = input as {
    params?: Record<string, string>
    query?: Record<string, unknown>
    body?: object
  }
  const filled = declared.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  return {
    method: declared.method,
    url: search.size > 0 ? `${filled}?${search}` : filled,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(body !== undefined && { payload: body }),
  }
}

const isOrganizationRole = (role: Role): role is OrganizationRole =>
  organizationRoles.some((known) => known === role)

/** Nobody subscribes here: what the verbs send is kept for the test to read. */
const recordingQueue = (sent: { name: string; data: unknown }[]): Queue => ({
  async emit(_db, happened, data) {
    sent.push({ name: happened.name, data })
  },
  async enqueue(_db, job, data) {
    sent.push({ name: job.name, data })
  },
})
