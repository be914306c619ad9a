import { generateKeyPairSync } from 'node:crypto'
import { buildApp } from '#api/app.ts'
import { type Config, loadConfig } from '#api/core/config.ts'
import { createHealth } from '#api/core/health.ts'
import { createLogger } from '#api/core/log.ts'
import { createMetrics } from '#api/core/metrics.ts'
import type { HttpDeps } from '#api/http/request.ts'
import type { Route } from '#api/http/routes.ts'

/** The API's routes as the server would serve them, built without anything that runs. */
export async function describedRoutes(): Promise<{ routes: Route[]; config: Config }> {
  const metrics = createMetrics('inspect')
  const config = loadConfig(DESCRIBED_ENVIRONMENT)
  const deps: HttpDeps = {
    config,
    metrics,
    database: absent('database'),
    queue: absent('queue'),
    signer: absent('signer'),
    keyring: absent('keyring'),
    vendors: absent('vendors'),
    log: createLogger({ name: 'inspect', level: 'silent' }),
    now: () => new Date(),
    health: createHealth({ name: 'inspect', checks: {}, metrics, metricsToken: null }),
  }
  const { app, routes } = await buildApp(deps)
  await app.close()
  metrics.stop()
  return { routes, config }
}

/** Something that is not there: routes are declared without it, and a request would say so. */
export function absent<T extends object>(name: string): T {
  const refuse = (): never => {
    throw new Error(`${name} is not there while routes are only described`)
  }
  return new Proxy({} as T, { get: refuse })
}

// Only the addresses show, in the document's `servers`; nothing is reached.
const DESCRIBED_ENVIRONMENT = {
  VOXCALLS_ENV: 'development',
  PUBLIC_API_URL: 'http://127.0.0.1:3001',
  PUBLIC_VOICE_URL: 'http://127.0.0.1:3002',
  PUBLIC_WEB_URL: 'http://localhost:3000',
  DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
  DATABASE_PLATFORM_URL: 'postgres://nobody@127.0.0.1/none',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'not-used-here',
  ELEVENLABS_API_KEY: 'not-used-here',
  ELEVENLABS_WEBHOOK_SECRET: 'not-used-here',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from('clerk.sandbox.test$').toString('base64')}`,
  CLERK_SECRET_KEY: 'not-used-here',
  CLERK_WEBHOOK_SECRET: 'whsec_not-used-here',
  CLERK_JWT_KEY: publicKeyOfNobody(),
  SMTP_URL: 'smtp://127.0.0.1',
  ENCRYPTION_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
}

function publicKeyOfNobody(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
