import type { Received } from '#api/contract/endpoint.ts'
import type { Context } from '#api/core/context.ts'
import { inTransaction, tenantOf } from '#api/core/context.ts'
import { notFound } from '#api/core/errors.ts'
import { recordAudit } from '#api/domains/audit/service.ts'
import type * as contract from './contract.ts'
import { timeZoneChanged } from './events.ts'
import * as queries from './queries.ts'

type Settings = queries.OrganizationSettings
type Changes = Partial<Omit<Settings, 'id' | 'status' | 'createdAt' | 'maxConcurrentCalls'>>

/** Changes what is given and differs from what is; nothing else is written or recorded. */
export function updateOrganization(
  ctx: Context,
  asked: Received<typeof contract.updateOrganization>['body'],
): Promise<Settings> {
  return inTransaction(ctx, async (tx) => {
    const organizationId = tenantOf(tx)
    const present = await queries.lockSettings(tx.db, organizationId)
    if (!present) throw notFound('organization')
    const changes = differences(present, tidied(asked))
    const changed = keysOf(changes)
    if (changed.length === 0) return present

    const updated = await queries.updateSettings(tx.db, organizationId, changes)
    await recordAudit(tx, {
      action: 'organizations.update',
      subject: organizationId,
      before: recorded(present, changed),
      after: recorded(updated, changed),
    })
    if (changed.includes('timeZone')) await tx.emit(timeZoneChanged, { organizationId })
    return updated
  })
}

/** Lists without repetitions, addresses in lower case: what means the same is no change. */
function tidied(asked: Received<typeof contract.updateOrganization>['body']): Changes {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  const { allowedCountries, notificationEmails } = asked
  return {
    ...Object.fromEntries(given),
    ...(allowedCountries && { allowedCountries: [...new Set(allowedCountries)].toSorted() }),
    ...(notificationEmails && {
      notificationEmails: [...new Set(notificationEmails.map((email) => email.toLowerCase()))],
    }),
  }
}

const differences = (present: Settings, asked: Changes): Changes =>
  Object.fromEntries(
    keysOf(asked)
      .filter((key) => JSON.stringify(asked[key]) !== JSON.stringify(present[key]))
      .map((key) => [key, asked[key]]),
  )

/** Addresses are people's and an audit entry outlives erasure, so of those only their number is kept. */
const recorded = (settings: Settings, changed: readonly (keyof Changes)[]) =>
  Object.fromEntries(
    changed.map((key) =>
      key === 'notificationEmails'
        ? ['notificationEmailCount', settings.notificationEmails.length]
        : [key, settings[key]],
    ),
  )

// A value made from a schema's output has the schema's keys only.
const keysOf = (changes: Changes) => Object.keys(changes) as (keyof Changes)[]
