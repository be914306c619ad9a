import type { Tx } from '#api/core/context.ts'
import * as queries from './queries.ts'
import * as verification from './verify-queries.ts'

export type CallFinding = verification.CallFinding

/** A call without a living owner is settled within this time of its media's end (THREATS F4). */
const UNSETTLED_AFTER_SECONDS = 60

/** Platform role: how many calls of all organizations run now. */
export const countRunningCalls = (tx: Tx): Promise<number> => queries.countRunningCalls(tx.db)

/** Platform role: how many calls stand in each state before the last. */
export const countCallsByState = (tx: Tx) => queries.countCallsByState(tx.db)

export const verifyCalls = (tx: Tx): Promise<CallFinding[]> =>
  verification.verify(tx.db, UNSETTLED_AFTER_SECONDS)
