import type { z } from 'zod'
import type { OrganizationRole, Permission, PlatformRole } from '#api/contract/permissions.ts'
import type { Database, Db } from '#db/client.ts'
import type { Event } from './events.ts'
import type { Job } from './jobs.ts'
import type { Logger } from './log.ts'
import type { Keyring } from './sealing.ts'
import type { Signer } from './signer.ts'
import { asStep } from './tracing.ts'
import type { Vendors } from './vendors.ts'

export type Actor =
  | {
      kind: 'user'
      userId: string
      email: string
      platformRole: PlatformRole | null
      membership: { organizationId: string; role: OrganizationRole } | null
    }
  /** A program of an organization, by its API key. */
  | {
      kind: 'key'
      keyId: string
      organizationId: string
      permissions: readonly Permission[]
    }
  | { kind: 'job'; name: string }
  | { kind: 'webhook'; vendor: string }
  | { kind: 'voice'; gateway: string }
  | { kind: 'anyone' }

/** How records name an actor; null for somebody who did not say who they are. */
export function actorIdOf(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId
    case 'key':
      return actor.keyId
    case 'job':
      return actor.name
    case 'webhook':
      return actor.vendor
    case 'voice':
      return actor.gateway
    case 'anyone':
      return null
  }
}

export type Emit = <Data extends z.ZodType>(
  happened: Event<Data>,
  data: z.input<Data>,
) => Promise<void>
export type Enqueue = <Data extends z.ZodType>(
  job: Job<Data>,
  data: z.input<Data>,
  options?: { startAfterSeconds?: number },
) => Promise<void>

/** How events and jobs leave: through the handle of the transaction they belong to. */
export type Queue = {
  emit(db: Db, happened: { name: string }, data: unknown): Promise<void>
  enqueue(db: Db, job: Job, data: unknown, options?: { startAfterSeconds?: number }): Promise<void>
}

/** All a verb gets. Nothing is fetched from a module's own state. */
export type Context = {
  database: Database
  actor: Actor
  /** The tenant every statement of this context is bound to; null for platform work. */
  organizationId: string | null
  requestId: string
  log: Logger
  now(): Date
  queue: Queue
  signer: Signer
  keyring: Keyring
  /** Where people find the console: what links in mails begin with. */
  publicWebUrl: string
  vendors: Vendors
}

/** A context inside one transaction: `db` is the transaction, `emit` writes jobs in it. */
export type Tx = Context & { db: Db; emit: Emit; enqueue: Enqueue }

const isTx = (ctx: Context): ctx is Tx => 'db' in ctx

/** Who acts; null for a program, a gateway or the platform itself. */
export const userIdOf = ({ actor }: Context): string | null =>
  actor.kind === 'user' ? actor.userId : null

/** The tenant of this context, for verbs that make sense only inside one. */
export function tenantOf(ctx: Context): string {
  if (!ctx.organizationId) throw new Error('this verb needs an organization in its context')
  return ctx.organizationId
}

/** Runs `work` in one tenant-bound transaction; a call from inside one joins it. */
export function inTransaction<T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (isTx(ctx)) return work(ctx)
  const organizationId = tenantOf(ctx)
  return asStep('transaction', { 'voxcalls.organization_id': organizationId }, () =>
    ctx.database.withOrganization(organizationId, (db) => work(bound(ctx, db))),
  )
}

/** A read that decides nothing; inside a transaction it sees what that one wrote. */
export const read = <T>(ctx: Context, work: (db: Db) => Promise<T>): Promise<T> =>
  isTx(ctx)
    ? work(ctx.db)
    : asStep('read', {}, () => ctx.database.readOrganization(tenantOf(ctx), work))

/** A read of what all tenants share, such as settings; inside a tenant's transaction on its own connection. */
export const readShared = <T>(ctx: Context, work: (db: Db) => Promise<T>): Promise<T> =>
  isTx(ctx) && ctx.organizationId ? work(ctx.db) : ctx.database.withApp(work)

/** Work across tenants, under the platform's own database role. */
export const asPlatform = <T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> =>
  asStep('platform transaction', {}, () =>
    ctx.database.withPlatform((db) => work(bound({ ...ctx, organizationId: null }, db))),
  )

/**
 * The same context for one tenant, as jobs and webhooks need after they looked it up. Of the same tenant's
 * transaction it is that transaction, so what a verb does inside is part of it.
 */
export function forOrganization(ctx: Context, organizationId: string): Context {
  if (isTx(ctx) && ctx.organizationId === organizationId) return ctx
  return {
    database: ctx.database,
    actor: ctx.actor,
    organizationId,
    requestId: ctx.requestId,
    log: ctx.log.child({ organizationId }),
    now: ctx.now,
    queue: ctx.queue,
    signer: ctx.signer,
    keyring: ctx.keyring,
    publicWebUrl: ctx.publicWebUrl,
    vendors: ctx.vendors,
  }
}

function bound(ctx: Context, db: Db): Tx {
  return {
    ...ctx,
    db,
    emit: (happened, data) => ctx.queue.emit(db, happened, data),
    enqueue: (job, data, options) => ctx.queue.enqueue(db, job as unknown as Job, data, options),
  }
}
