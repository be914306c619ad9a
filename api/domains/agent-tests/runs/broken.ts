import { DomainError, VendorError } from '#api/core/errors.ts'
import type { brokenReasons } from '../contract.ts'

export type BrokenReason = (typeof brokenReasons)[number]

const MAX_DETAIL = 500 // characters, as the column takes them

/** The run comes to no verdict, and says what to do about it. */
export class Broken extends Error {
  readonly reason: BrokenReason
  readonly detail: string | null

  constructor(reason: BrokenReason, detail: string | null = null, options?: ErrorOptions) {
    super(`a test run is broken: ${reason}`, options)
    this.name = 'Broken'
    this.reason = reason
    this.detail = detail?.slice(0, MAX_DETAIL) ?? null
  }
}

const REFUSALS: Record<string, BrokenReason> = {
  'agents.busy': 'refused_by_vendor',
  'agents.not_publishable': 'draft_incomplete',
  'agents.refused_by_vendor': 'refused_by_vendor',
  'calls.not_running': 'call_lost',
  'calls.organization_at_capacity': 'no_line_free',
  'calls.organization_not_active': 'organization_not_active',
  'calls.platform_at_capacity': 'no_line_free',
  'request.not_found': 'agent_gone',
}

/** Why a call to the draft was not to be had; what we did not foresee is passed on. */
export function whyRefused(error: unknown): unknown {
  if (error instanceof VendorError)
    return new Broken('refused_by_vendor', error.words ?? error.message, { cause: error })
  if (!(error instanceof DomainError)) return error
  const reason = error.code.startsWith('wallet.') ? 'insufficient_funds' : REFUSALS[error.code]
  return reason ? new Broken(reason, error.message, { cause: error }) : error
}

// What ends a call although neither side of the conversation wanted it to.
const ENDINGS: Record<string, BrokenReason> = {
  agent_lost: 'agent_lost',
  agent_silent: 'agent_lost',
  agent_start_failed: 'agent_lost',
  funds_exhausted: 'insufficient_funds',
  internal_error: 'call_lost',
  lease_lost: 'call_lost',
  media_idle: 'call_lost',
  operator: 'ended_by_hand',
  organization_paused: 'organization_not_active',
  owner_lost: 'call_lost',
  protocol_violation: 'call_lost',
  shutdown: 'call_lost',
  stream_lost: 'call_lost',
  stream_never_started: 'gateway_unreachable',
}

/** Undefined where the call ended as conversations do. */
export const whyEnded = (reason: string): BrokenReason | undefined => ENDINGS[reason]
