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
const FIRST_PAUSE_SECONDS = 15 // THREATS F17: what a purchase without an answer is given to come to light
const LONGEST_PAUSE_SECONDS = 3_600 // a vendor that is back after a night is noticed within the hour

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
    if (work) await noteRefusal(ctx, taken.carrierAccountId, work.carrier, error)
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

const ended = {
  step: null,
  error: null,
  workUntil: null,
  tries: 0,
  nextTryAt: null,
  drift: [],
  driftFoundAt: null,
} satisfies queries.NumberChange

const released = (ctx: Context): queries.NumberChange => ({
  ...ended,
  state: 'released',
  releasedAt: ctx.now(),
  twilioNumberSid: null,
})

const inService = (ctx: Context, revision: number): queries.NumberChange => ({
  ...ended,
  state: 'active',
  appliedRevision: revision,
  checkedAt: ctx.now(),
})

/** What can pass is tried again; the rest waits for a person, with the reason beside it. */
async function stop(ctx: Context, number: queries.NumberRow, error: unknown): Promise<Convergence> {
  const why = describe(error)
  return await inTransaction(ctx, async (tx) => {
    const row = await queries.lockNumber(tx.db, number.organizationId, number.id)
    if (row?.workEpoch !== number.workEpoch) return 'nothing to do'
    if (!why) {
      await queries.leaveWork(tx.db, number, {})
      return 'later'
    }
    const { id: phoneNumberId, step, tries } = row
    ctx.log.warn({ err: error, phoneNumberId, step, tries }, 'a number waits')
    // Giving back is never given up: the number would go on costing without anybody's knowing.
    if (canPass(error) || row.state === 'releasing') {
      await queries.leaveWorkFor(tx.db, number, pauseSeconds(tries), { error: why })
      return 'later'
    }
    // A number that never was had gives its claim back, so that its owner can bring it.
    const wasNeverHad = row.twilioNumberSid === null && !mayHaveBeenBought(row, error)
    await queries.leaveWork(tx.db, number, {
      state: 'failed',
      error: why,
      tries: 0,
      nextTryAt: null,
      ...(wasNeverHad && { releasedAt: ctx.now() }),
    })
    return 'failed'
  })
}

/** Doubled with each failure in a row. */
const pauseSeconds = (tries: number): number =>
  Math.min(FIRST_PAUSE_SECONDS * 2 ** tries, LONGEST_PAUSE_SECONDS)

const canPass = (error: unknown): boolean =>
  error instanceof VendorError ? error.retryable : !(error instanceof SetupFailed)

/** Twilio's refusal of the one purchase that was sent says that there is none; silence says nothing. */
const mayHaveBeenBought = (number: queries.NumberRow, error: unknown): boolean => {
  const isRefusal = error instanceof VendorError && error.status !== undefined
  return (
    number.purchasesSent > 1 ||
    (number.purchasesSent === 1 && !(isRefusal && number.step === 'buying'))
  )
}

const isForeseen = (error: unknown): boolean =>
  error instanceof TooEarly || error instanceof SetupFailed || error instanceof VendorError

/** Null where nothing has failed. */
function describe(error: unknown): queries.NumberRow['error'] {
  if (error instanceof TooEarly) return null
  if (!(error instanceof VendorError)) {
    const code = error instanceof SetupFailed ? error.code : 'unforeseen'
    return { vendor: null, code, message: setupFailures[code] }
  }
  const { vendor, operation, status, words } = error
  const message = words ?? (status ? `${vendor} answered ${status}.` : `${vendor} did not answer.`)
  return { vendor, code: operation, message }
}
