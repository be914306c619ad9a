import { randomUUID } from 'node:crypto'
import { type Config, type Environment, loadConfig } from '#api/core/config.ts'
import type { Context } from '#api/core/context.ts'
import { createLogger } from '#api/core/log.ts'
import { createKeyring } from '#api/core/sealing.ts'
import { createSigner } from '#api/core/signer.ts'
import { jobs, subscriptions } from '#api/subscriptions.ts'
import { openDatabase } from '#db/client.ts'
import { createQueue } from '#db/queue.ts'
import { createVendors } from '../api/vendors/create.ts'

/** A context for a command, as a process of the product has one; closed when the command is done. */
export async function withContext<T>(
  name: string,
  environment: Environment,
  work: (ctx: Context, config: Config) => Promise<T>,
): Promise<T> {
  const config = loadConfig(environment)
  const log = createLogger({ name, level: 'warn' })
  const database = await openDatabase({ ...config.database, applicationName: name, log })
  const vendors = createVendors(config)
  try {
    const queue = await createQueue({ url: config.database.url, subscriptions, jobs, log })
    try {
      const ctx: Context = {
        database,
        actor: { kind: 'job', name },
        organizationId: null,
        requestId: randomUUID(),
        log,
        now: () => new Date(),
        queue,
        signer: createSigner(config.encryptionKeys[0]!.key.toString('base64')),
        keyring: createKeyring(config.encryptionKeys),
        publicWebUrl: config.publicWebUrl,
        vendors,
      }
      return await work(ctx, config)
    } finally {
      await queue.close()
    }
  } finally {
    vendors.close()
    await database.close()
  }
}
