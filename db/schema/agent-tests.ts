import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './access.ts'
import { agents } from './agents.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const runStates = ['queued', 'running', 'passed', 'failed', 'broken'] as const

/** Files of turns and expectations that an agent's draft is tried by. */
export const agentTests = pgTable.withRLS(
  'agent_tests',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    agentId: uuid('agent_id').notNull(),
    name: text('name').notNull(),
    steps: jsonb('steps').notNull(),
    /** Goes up with each change; a run counts for the revision it was of. */
    revision: integer('revision').notNull().default(1),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdByUserId: uuid('created_by_user_id').references(() => users.id),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    updatedByUserId: uuid('updated_by_user_id').references(() => users.id),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('agent_tests_once_per_name').on(t.organizationId, t.agentId, sql`lower(name)`),
    index('agent_tests_newest').on(t.organizationId, t.agentId, t.createdAt, t.id),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    check('agent_tests_name_not_blank', sql`length(btrim(${t.name})) between 1 and 120`),
    check('agent_tests_revision_counts', sql`${t.revision} > 0`),
    ...tenantPolicies('agent_tests'),
  ],
)

/** A test tried once on a draft: what was to be done, and what was seen. */
export const agentTestRuns = pgTable.withRLS(
  'agent_test_runs',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    agentId: uuid('agent_id').notNull(),
    /** Null after the test was deleted. */
    testId: uuid('test_id'),
    testName: text('test_name').notNull(),
    testRevision: integer('test_revision').notNull(),
    steps: jsonb('steps').notNull(),
    /** Of the draft the run was of; null while it waits. */
    draftFingerprint: text('draft_fingerprint'),
    state: text('state', { enum: runStates }).notNull().default('queued'),
    /** Why there is no verdict: a reason code. */
    reason: text('reason'),
    /** A vendor's own words to it. */
    detail: text('detail'),
    /** Noted before the call is asked for, so that one that was left behind is found. */
    callId: uuid('call_id'),
    results: jsonb('results').notNull().default([]),
    /** How often it was begun. */
    attempts: integer('attempts').notNull().default(0),
    /** Who runs it, until then. */
    claim: uuid('claim'),
    claimedUntil: moment('claimed_until'),
    /** Somebody ended it by hand while it was run: it comes to no verdict, and nobody begins it anew. */
    endAskedAt: moment('end_asked_at'),
    queuedAt: moment('queued_at').notNull().defaultNow(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
    startedByUserId: uuid('started_by_user_id').references(() => users.id),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    // A draft has one agent at ElevenLabs: its runs come one after another.
    uniqueIndex('agent_test_runs_one_at_a_time')
      .on(t.organizationId, t.agentId)
      .where(sql`state = 'running'`),
    index('agent_test_runs_newest').on(t.organizationId, t.agentId, t.queuedAt, t.id),
    index('agent_test_runs_of_test').on(t.organizationId, t.testId, t.queuedAt, t.id),
    index('agent_test_runs_unfinished').on(t.queuedAt).where(sql`finished_at is null`),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    foreignKey({
      columns: [t.organizationId, t.testId],
      foreignColumns: [agentTests.organizationId, agentTests.id],
    }),
    check('agent_test_runs_state_known', sql`${t.state} in (${literals(runStates)})`),
    check(
      'agent_test_runs_finished_has_moment',
      sql`(${t.state} in ('passed', 'failed', 'broken')) = (${t.finishedAt} is not null)`,
    ),
    check(
      'agent_test_runs_running_is_claimed',
      sql`(${t.state} = 'running') = (${t.claim} is not null and ${t.claimedUntil} is not null)`,
    ),
    check(
      'agent_test_runs_broken_says_why',
      sql`(${t.state} = 'broken') = (${t.reason} is not null)`,
    ),
    check(
      'agent_test_runs_ended_has_no_verdict',
      sql`${t.endAskedAt} is null or ${t.state} in ('running', 'broken')`,
    ),
    check('agent_test_runs_detail_bounded', sql`length(${t.detail}) <= 500`),
    ...tenantPolicies('agent_test_runs'),
  ],
)
