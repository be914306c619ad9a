import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import type { Event } from '#api/core/events.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import * as errors from './errors.ts'
import * as events from './events.ts'
import { officeSummary } from './office.ts'
import * as queries from './queries.ts'

type Summary = z.output<typeof contract.organizationSummary>
type Move = {
  verb: 'pause' | 'archive' | 'resume'
  from: readonly queries.Status[]
  to: queries.Status
  happened: Event<typeof events.organizationMoved>
}

const pause: Move = {
  verb: 'pause',
  from: ['active'],
  to: 'paused',
  happened: events.organizationPaused,
}
const archive: Move = {
  verb: 'archive',
  from: ['active', 'paused'],
  to: 'archived',
  happened: events.organizationArchived,
}
const resume: Move = {
  verb: 'resume',
  from: ['paused', 'archived'],
  to: 'active',
  happened: events.organizationResumed,
}

/** Nothing new starts from the next request on; each running call ends when it asks for its next slice. */
export const pauseOrganization = (ctx: Context, organizationId: string, reason: string) =>
  move(ctx, organizationId, pause, reason)

export const archiveOrganization = (ctx: Context, organizationId: string, reason: string) =>
  move(ctx, organizationId, archive, reason)

export const resumeOrganization = (ctx: Context, organizationId: string, reason: string) =>
  move(ctx, organizationId, resume, reason)

function move(
  ctx: Context,
  organizationId: string,
  { verb, from, to, happened }: Move,
  reason: string,
): Promise<Summary> {
  return inTransaction(forOrganization(ctx, organizationId), async (tx) => {
    const organization = await queries.lockSettings(tx.db, organizationId)
    if (!organization) throw notFound('organization')
    const { status } = organization
    if (!from.includes(status)) throw errors.statusConflict(status)

    // An active organization needs no explanation; why it became active again is in the audit.
    const kept = to === 'active' ? null : reason
    await queries.setStatus(tx.db, organizationId, { status: to, reason: kept, at: tx.now() })
    await recordAudit(tx, {
      action: `organizations.${verb}`,
      subject: organizationId,
      before: { status },
      after: { status: to, reason },
    })
    await tx.emit(happened, { organizationId })
    return officeSummary(tx, organizationId)
  })
}
