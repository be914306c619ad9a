import { z } from 'zod'
import { asPlatform, forOrganization, inTransaction } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { converge } from './converge.ts'
import { checkDrift } from './drift.ts'
import * as queries from './queries.ts'

const ids = z.object({ organizationId: z.uuid(), phoneNumberId: z.uuid() })

const LATER_SECONDS = 15 // what failed for the first time is tried again then; after that the sweep sees to it
const SWEEP_BATCH = 100
const CHECK_BATCH = 200 // an hour; each asks both vendors once
const CHECK_EVERY_MS = 24 * 3_600_000

/** Brings a number to where it is wanted at the vendors. */
export const convergeNumberJob = job({
  name: 'phone-numbers.converge',
  data: ids,
  retry: { limit: 3, delaySeconds: LATER_SECONDS },
  key: ({ phoneNumberId }) => phoneNumberId,
  run: async (ctx, { organizationId, phoneNumberId }) => {
    const own = forOrganization(ctx, organizationId)
    if ((await converge(own, phoneNumberId)) === 'later')
      await inTransaction(own, (tx) =>
        tx.enqueue(
          convergeNumberJob,
          { organizationId, phoneNumberId },
          { startAfterSeconds: LATER_SECONDS },
        ),
      )
  },
})

/** Goes on with numbers of any organization whose worker died. */
export const convergeUnfinishedJob = job({
  name: 'phone-numbers.converge-unfinished',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'sweep',
  run: async (ctx) => {
    await asPlatform(ctx, async (tx) => {
      for (const number of await queries.listUnfinished(tx.db, SWEEP_BATCH))
        await tx.enqueue(convergeNumberJob, number)
    })
  },
})

/** Compares a number with what the vendors hold. */
export const checkDriftJob = job({
  name: 'phone-numbers.check-drift',
  data: ids,
  retry: { limit: 2, delaySeconds: 60 },
  key: ({ phoneNumberId }) => phoneNumberId,
  run: async (ctx, { organizationId, phoneNumberId }) => {
    await checkDrift(forOrganization(ctx, organizationId), phoneNumberId)
  },
})

/** Has every number of every organization compared once a day. */
export const checkAllDriftJob = job({
  name: 'phone-numbers.check-all-drift',
  data: z.object({}),
  retry: { limit: 0, delaySeconds: 0 },
  key: () => 'all',
  run: async (ctx) => {
    const before = new Date(ctx.now().getTime() - CHECK_EVERY_MS)
    await asPlatform(ctx, async (tx) => {
      for (const number of await queries.listUnchecked(tx.db, before, CHECK_BATCH))
        await tx.enqueue(checkDriftJob, number)
    })
  },
})
