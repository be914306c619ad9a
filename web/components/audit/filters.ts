import { createParser, parseAsString } from 'nuqs'
import type { Call } from '#api/contract/endpoint.ts'
import type { listAuditEntries } from '#contracts/audit'
import { anyDay, type DayFilter, dayFilterParsers, daysToMoments } from '../../lib/day-filter.ts'

/** The domains whose doings are recorded, as a list to choose from; the address also takes a single action. */
export const auditDomains = [
  'organizations',
  'members',
  'invitations',
  'api-keys',
  'outgoing-webhooks',
  'system',
  'wallet',
  'agents',
  'carrier-accounts',
  'phone-numbers',
  'knowledge',
  'competitors',
  'calls',
  'recordings',
] as const

/** Those whose doings on no organization the platform's office records. */
export const platformAuditDomains = ['system', 'wallet', 'access', 'operations'] as const

/** A domain or one of its actions; what the API would refuse counts as absent. */
const parseAsAction = createParser({
  parse: (text) => (/^[a-z-]+(\.[a-z-]+)?$/.test(text) && text.length <= 80 ? text : null),
  serialize: (action: string) => action,
})

export const auditParsers = {
  action: parseAsAction,
  actor: parseAsString,
  subject: parseAsString,
  ...dayFilterParsers,
}

export type AuditFilters = DayFilter & {
  action: string | null
  actor: string | null
  subject: string | null
}

export const noAuditFilters: AuditFilters = {
  action: null,
  actor: null,
  subject: null,
  ...anyDay,
}

type AuditQuery = Pick<
  Call<typeof listAuditEntries>['query'],
  'action' | 'actorId' | 'subject' | 'from' | 'to'
>

/** The filters as the API takes them. */
export const toAuditQuery = (
  filters: AuditFilters,
  zone: { now: Date; timeZone: string },
): AuditQuery => ({
  ...(filters.action && { action: filters.action }),
  ...(filters.actor && { actorId: filters.actor }),
  ...(filters.subject && { subject: filters.subject }),
  ...daysToMoments(filters, zone),
})
