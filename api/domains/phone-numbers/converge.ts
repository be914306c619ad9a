import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { VendorError } from '#api/core/errors.ts'
import { carrierOf, noteRefusal } from '#api/domains/carrier-accounts/service.ts'
import { setupFailures } from './errors.ts'
import { giveBack } from './give-back.ts'
import * as queries from './queries.ts'
import { setUp } from './set-up.ts'
import {
  beginWork,
  SetupFailed,
  TooEarly,
  type VendorWork,
  WORK_SECONDS,
  WorkLost,
} from './vendor-work.ts'

const MAX_ROUNDS = 10 // an admin who changes the number faster than vendors answer

/** `later`: a vendor does not answer now, or it is too early to ask again. */
export type Convergence = 'done' | 'failed' | 'later' | 'nothing to do'

/**
 * Brings a number to where it is wanted: set up, changed or given back. Whoever is killed over it is followed by
 * somebody who goes on at the step on record; two at once do not both work.
 */
export async function converge(ctx: Context, phoneNumberId: string): Promise<Convergence> {
  const taken = await inTransaction(ctx, (tx) =>
    queries.takeWork(tx.db, tenantOf(tx), phoneNumberId, WORK_SECONDS),
  )
  if (!taken) return 'nothing to do'
  let work: VendorWork | undefined
  try {
    work = beginWork(ctx, await carrierOf(ctx, taken.carrierAccountId), taken)
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { revision, state } = work.number
      await (state === 'releasing' ? giveBack(work) : setUp(work))
      if (await finish(work, revision)) return 'done'
    }
    await work.write({ workUntil: null })
    return 'later'
  } catch (error) {
    if (error instanceof WorkLost) return 'nothing to do'
    await noteRefusal(ctx, taken.carrierAccountId, error)
    const outcome = await stop(ctx, work?.number ?? taken, error)
    if (!isForeseen(error)) throw error
    return outcome
  }
}

/** The end of a round, unless something else is wanted by now. */
function finish(work: VendorWork, revision: number): Promise<boolean> {
  const { ctx, number } = work
  return inTransaction(ctx, async (tx) => {
    const row = await queries.lockNumber(tx.db, number.organizationId, number.id)
    if (row?.workEpoch !== number.workEpoch) throw new WorkLost()
    const isAsWanted = row.revision === revision
    const end = row.state === 'releasing' ? released(ctx) : inService(ctx, revision)
    if (isAsWanted) await work.writeIn(tx, end)
    else await work.writeIn(tx, {})
    return isAsWanted
  })
}

const released = (ctx: Context): queries.NumberChange => ({
  state: 'released',
  releasedAt: ctx.now(),
  twilioNumberSid: null,
  step: null,
  error: null,
  workUntil: null,
  drift: [],
  driftFoundAt: null,
})

const inService = (ctx: Context, revision: number): queries.NumberChange => ({
  state: 'active',
  appliedRevision: revision,
  step: null,
  error: null,
  workUntil: null,
  drift: [],
  driftFoundAt: null,
  checkedAt: ctx.now(),
})

/** What can pass is tried again; the rest waits for a person, with the reason beside it. */
async function stop(ctx: Context, number: queries.NumberRow, error: unknown): Promise<Convergence> {
  const why = describe(error)
  return await inTransaction(ctx, async (tx) => {
    const row = await queries.lockNumber(tx.db, number.organizationId, number.id)
    if (row?.workEpoch !== number.workEpoch) return 'nothing to do'
    const write = (change: queries.NumberChange) =>
      queries.writeStep(tx.db, number, { workUntil: null, ...change })
    if (!why) {
      await write({})
      return 'later'
    }
    const { id: phoneNumberId, step } = row
    ctx.log.warn({ err: error, phoneNumberId, step }, 'a number waits')
    // Giving back is never given up: the number would go on costing without anybody's knowing.
    const canPass = error instanceof VendorError && error.retryable
    if (canPass || row.state === 'releasing') {
      await write({ error: why })
      return 'later'
    }
    // A number that never was had gives its claim back, so that its owner can bring it.
    const wasNeverHad = row.twilioNumberSid === null && !mayHaveBeenBought(row, error)
    await write({ state: 'failed', error: why, ...(wasNeverHad && { releasedAt: ctx.now() }) })
    return 'failed'
  })
}

/** Twilio's refusal of the one purchase that was sent says that there is none. */
const mayHaveBeenBought = (number: queries.NumberRow, error: unknown): boolean =>
  number.purchasesSent > 1 ||
  (number.purchasesSent === 1 && !(error instanceof VendorError && number.step === 'buying'))

const isForeseen = (error: unknown): boolean =>
  error instanceof TooEarly || error instanceof SetupFailed || error instanceof VendorError

/** Null where nothing has failed that a person should know of. */
function describe(error: unknown): queries.NumberRow['error'] {
  if (error instanceof SetupFailed)
    return { vendor: null, code: error.code, message: setupFailures[error.code] }
  if (!(error instanceof VendorError)) return null
  const { vendor, operation, status, words } = error
  const message = words ?? (status ? `${vendor} answered ${status}.` : `${vendor} did not answer.`)
  return { vendor, code: operation, message }
}
