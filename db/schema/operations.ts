import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { BreakerReading } from '#api/core/vendors.ts'
import { literals, moment, platformPolicies } from './tenancy.ts'

type Troubled = Pick<BreakerReading, 'vendor' | 'account'> & {
  state: Exclude<BreakerReading['state'], 'closed'>
}

const kinds = ['api', 'worker', 'voice'] as const

/** What each process last said of itself. A clean end deletes the row; a crash leaves it, which tells of the crash. */
export const processes = pgTable.withRLS(
  'processes',
  {
    /** Made anew at each start. */
    id: uuid('id').primaryKey(),
    kind: text('kind', { enum: kinds }).notNull(),
    name: text('name').notNull(),
    version: text('version').notNull(),
    startedAt: moment('started_at').notNull(),
    seenAt: moment('seen_at').notNull(),
    isDraining: boolean('is_draining').notNull(),
    /** The 99th percentile since the last word. */
    eventLoopDelayMs: integer('event_loop_delay_ms').notNull(),
    /** Of a gateway: the calls it holds and what of theirs waits on its disk. */
    gateway: jsonb('gateway').$type<{
      calls: number
      pendingCalls: number
      unwrittenTapeBytes: number
    }>(),
    /** Its breakers that are not closed. */
    breakers: jsonb('breakers').$type<Troubled[]>().notNull(),
  },
  (t) => [
    check('processes_kind_known', sql`${t.kind} in (${literals(kinds)})`),
    ...platformPolicies('processes'),
  ],
)

/** How each check of what must always hold came out. */
export const verifications = pgTable.withRLS(
  'verifications',
  {
    id: uuid('id').primaryKey(),
    checkedAt: moment('checked_at').notNull(),
    ok: boolean('ok').notNull(),
    findings: integer('findings').notNull(),
    /** Names of checks there was no time for. */
    unfinished: jsonb('unfinished').$type<string[]>().notNull(),
  },
  (t) => [
    index('verifications_newest').on(t.checkedAt, t.id),
    ...platformPolicies('verifications'),
  ],
)
