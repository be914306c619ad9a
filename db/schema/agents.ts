import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './access.ts'
import { knowledgeDocuments } from './knowledge.ts'
import { organizations } from './organizations.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const syncStates = ['unpublished', 'pending', 'in_sync', 'drifted', 'failed'] as const
/** The two agents ElevenLabs holds of one of ours. */
export const pushTargets = ['published', 'draft'] as const

export const agents = pgTable.withRLS(
  'agents',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    // What calls read: the published version's, and the draft's until there is one.
    prompt: text('prompt').notNull(),
    firstMessage: text('first_message').notNull(),
    language: text('language').notNull().default('en'),
    voiceId: text('voice_id').notNull(),
    maxDurationSeconds: integer('max_duration_seconds').notNull().default(3600),
    draft: jsonb('draft').notNull().default({}),
    draftRevision: integer('draft_revision').notNull().default(1),
    draftSavedAt: moment('draft_saved_at').notNull().defaultNow(),
    draftSavedByUserId: uuid('draft_saved_by_user_id').references(() => users.id),
    publishedVersion: integer('published_version'),
    /** A draft is published only when every test of the agent passed on it. */
    publishNeedsTests: boolean('publish_needs_tests').notNull().default(false),
    elevenLabsAgentId: text('elevenlabs_agent_id'),
    /** Holds the draft as it was when somebody tested it last. */
    elevenLabsDraftAgentId: text('elevenlabs_draft_agent_id'),
    draftFingerprint: text('draft_fingerprint'),
    syncState: text('sync_state', { enum: syncStates }).notNull().default('unpublished'),
    syncErrorCode: text('sync_error_code'),
    /** ElevenLabs' own words. */
    syncError: text('sync_error'),
    pushedVersion: integer('pushed_version'),
    /** What ElevenLabs held right after it was given the published version. */
    pushed: jsonb('pushed'),
    pushedFingerprint: text('pushed_fingerprint'),
    /** What ElevenLabs holds instead; null also where it holds nothing any more. */
    drift: jsonb('drift'),
    driftFoundAt: moment('drift_found_at'),
    driftCheckedAt: moment('drift_checked_at'),
    /** Who talks to ElevenLabs about this agent: one at a time, until then. */
    pushClaim: uuid('push_claim'),
    pushClaimedUntil: moment('push_claimed_until'),
    createdAt: moment('created_at').notNull().defaultNow(),
    archivedAt: moment('archived_at'),
    /** Nothing of it is left at ElevenLabs. */
    erasedAt: moment('erased_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    index('agents_to_compare').on(t.driftCheckedAt).where(sql`archived_at is null`),
    index('agents_to_erase')
      .on(t.archivedAt)
      .where(sql`archived_at is not null and erased_at is null`),
    // Four hours is the longest call (THREATS X-call).
    check('agents_duration_bounded', sql`${t.maxDurationSeconds} between 60 and 14400`),
    check('agents_sync_state_known', sql`${t.syncState} in (${literals(syncStates)})`),
    check('agents_sync_error_bounded', sql`length(${t.syncError}) <= 500`),
    check('agents_published_version_counts', sql`${t.publishedVersion} > 0`),
    ...tenantPolicies('agents'),
  ],
)

/** What was published and when; never changed. */
export const agentVersions = pgTable.withRLS(
  'agent_versions',
  {
    organizationId: organizationId(),
    agentId: uuid('agent_id').notNull(),
    number: integer('number').notNull(),
    spec: jsonb('spec').notNull(),
    note: text('note').notNull().default(''),
    restoredFrom: integer('restored_from'),
    publishedAt: moment('published_at').notNull().defaultNow(),
    publishedByUserId: uuid('published_by_user_id').references(() => users.id),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.agentId, t.number] }),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    check('agent_versions_number_counts', sql`${t.number} > 0`),
    check('agent_versions_note_bounded', sql`length(${t.note}) <= 300`),
    ...tenantPolicies('agent_versions'),
  ],
)

/** Documents that an agent's draft or published version uses. */
export const agentDocuments = pgTable.withRLS(
  'agent_documents',
  {
    organizationId: organizationId(),
    agentId: uuid('agent_id').notNull(),
    documentId: uuid('document_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.agentId, t.documentId] }),
    index('agent_documents_of_document').on(t.organizationId, t.documentId),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    foreignKey({
      columns: [t.organizationId, t.documentId],
      foreignColumns: [knowledgeDocuments.organizationId, knowledgeDocuments.id],
    }),
    ...tenantPolicies('agent_documents'),
  ],
)

/**
 * Webhook tools made at ElevenLabs. The row comes first, so that one whose creation was not answered is found
 * again, and one that nobody uses any more is deleted there.
 */
export const agentTools = pgTable.withRLS(
  'agent_tools',
  {
    organizationId: organizationId(),
    agentId: uuid('agent_id').notNull(),
    target: text('target', { enum: pushTargets }).notNull(),
    /** Fingerprint of all that the tool says: another one is another tool. */
    fingerprint: text('fingerprint').notNull(),
    name: text('name').notNull(),
    elevenLabsToolId: text('elevenlabs_tool_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.agentId, t.target, t.fingerprint] }),
    foreignKey({
      columns: [t.organizationId, t.agentId],
      foreignColumns: [agents.organizationId, agents.id],
    }),
    check('agent_tools_target_known', sql`${t.target} in (${literals(pushTargets)})`),
    ...tenantPolicies('agent_tools'),
  ],
)

/** What a webhook tool carries so that its receiver knows who asks: one key for all tools of an organization. */
export const agentToolKeys = pgTable.withRLS(
  'agent_tool_keys',
  {
    organizationId: organizationId().primaryKey(),
    /** Another one with each new key. */
    id: uuid('id').notNull(),
    /** In the secret format. */
    secret: text('secret').notNull(),
    secretLastFour: text('secret_last_four').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    ...tenantPolicies('agent_tool_keys'),
  ],
)
