import type { Endpoint } from '#api/contract/endpoint.ts'
import type { FeatureFlag } from '#api/contract/features.ts'
import type { Config } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import type { Health } from '#api/core/health.ts'
import type { Metrics } from '#api/core/metrics.ts'

/** What the HTTP process is made of; tests make one, `server.ts` makes the real one. */
export type HttpDeps = Pick<
  Context,
  'database' | 'queue' | 'signer' | 'keyring' | 'vendors' | 'log' | 'now'
> & {
  config: Config
  metrics: Metrics
  health: Health
}

/** A vendor's way in: its signature is the permission. */
export type Webhook = {
  vendor: string
  path: `/${string}`
  limitBytes: number
  /** What the vendor gets for one that was taken: nothing (204), or text of this type (200). */
  answer: 'nothing' | 'text/plain' | 'text/xml'
}

/** A genuine session token's owner, before our own database was asked. */
export type Identity = { clerkUserId: string; sessionId: string }

export type Standing = {
  status: 'active' | 'paused' | 'archived'
  featuresOff: readonly FeatureFlag[]
}

declare module 'fastify' {
  interface FastifyContextConfig {
    endpoint?: Endpoint
    webhook?: Webhook
  }
  interface FastifyRequest {
    ctx: Context
    identity: Identity | null
    /** A token that claims to be an API key's; nobody has looked at it yet. */
    claimedKey: string | null
    /** The actor's organization, as the database said for this very request. */
    standing: Standing | null
  }
}
