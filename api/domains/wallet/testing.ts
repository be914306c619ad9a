import { randomUUIDv7 } from 'node:crypto'
import type { Actor, Context, Queue } from '#api/core/context.ts'
import { type Job, job, on, type Subscription } from '#api/core/jobs.ts'
import { createLogger } from '#api/core/log.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import type { Vendors } from '#api/core/vendors.ts'
import { createQueue } from '#db/queue.ts'
import { type TestDatabase, testDatabase } from '#db/testing.ts'
import { walletExhausted, walletLow } from './events.ts'

export type WalletLab = {
  t: TestDatabase
  /** A context of an organization, or of the platform. */
  ctx(organizationId: string | null, actor?: Actor): Context
  /** What the organization's events started, in order. */
  told(organizationId: string): Promise<unknown[]>
  close(): Promise<void>
}

const listener = (name: string, data: Job['data']) =>
  job({
    name,
    data,
    retry: { limit: 1, delaySeconds: 1 },
    key: () => randomUUIDv7(), // each is kept, so that a test sees how often it was said
    run: async () => undefined,
  }) as unknown as Job

const subscriptions: Subscription[] = [
  on(walletLow, [listener('testing.low', walletLow.data) as never]),
  on(walletExhausted, [listener('testing.exhausted', walletExhausted.data) as never]),
]

/** The wallet on a real database with a real queue; money touches no vendor, so there are none. */
export async function walletLab(): Promise<WalletLab> {
  const t = await testDatabase()
  const log = createLogger({ name: 'test', level: 'silent' })
  const queue: Queue & { close(): Promise<void> } = await createQueue({
    url: t.urls.app,
    subscriptions,
    log,
  })
  const vendors = new Proxy({} as Vendors, {
    get: (_, name) => {
      throw new Error(`the wallet asked a vendor: ${String(name)}`)
    },
  })
  return {
    t,
    ctx: (organizationId, actor = { kind: 'job', name: 'test' }) => ({
      database: t.database,
      actor,
      organizationId,
      requestId: randomUUIDv7(),
      log,
      now: () => new Date(),
      queue,
      signer: createSigner('test'),
      keyring: createKeyring([{ id: 'test', key: Buffer.alloc(32, 1) }]),
      publicWebUrl: 'http://localhost:3000',
      vendors,
    }),
    async told(organizationId) {
      const rows = await t.query<{ name: string; data: object }>(
        'admin',
        `select name, data from jobs.job where data ->> 'organizationId' = $1 order by created_on`,
        [organizationId],
      )
      return rows.map(({ name, data }) => ({ name, ...data }))
    },
    async close() {
      await queue.close()
      await t.close()
    },
  }
}
