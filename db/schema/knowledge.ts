import { sql } from 'drizzle-orm'
import {
  bigint,
  bit,
  bytea,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { users } from './access.ts'
import { organizations } from './organizations.ts'
import { literals, moment, organizationId, tenantPolicies } from './tenancy.ts'

export const documentKinds = ['file', 'text', 'url'] as const
export const documentStates = ['queued', 'parsing', 'embedding', 'ready', 'rejected'] as const
export const EMBEDDING_DIMENSIONS = 1_536

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** What an organization taught: the file stands in the object store, its text in the chunks. */
export const knowledgeDocuments = pgTable.withRLS(
  'knowledge_documents',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    title: text('title').notNull(),
    kind: text('kind', { enum: documentKinds }).notNull(),
    mediaType: text('media_type').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    objectKey: text('object_key').notNull(),
    sourceUrl: text('source_url'),
    state: text('state', { enum: documentStates }).notNull().default('queued'),
    /** Why it was rejected: a code of ours. */
    reason: text('reason'),
    pages: integer('pages'),
    characters: integer('characters'),
    chunks: integer('chunks').notNull().default(0),
    embeddingModel: text('embedding_model'),
    /** The copy ElevenLabs holds for agents that use the document. */
    elevenLabsDocumentId: text('elevenlabs_document_id'),
    vendorState: text('vendor_state', { enum: ['none', 'pending', 'in_sync', 'failed'] })
      .notNull()
      .default('none'),
    /** Why ElevenLabs refused it, in ElevenLabs' own words. */
    vendorError: text('vendor_error'),
    uploadedByUserId: uuid('uploaded_by_user_id').references(() => users.id),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    /** Gone for everybody; a job cleans up the file, the chunks and the vendor's copy. */
    deletedAt: moment('deleted_at'),
    erasedAt: moment('erased_at'),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    index('knowledge_documents_newest').on(t.organizationId, t.createdAt, t.id),
    uniqueIndex('knowledge_documents_once_per_content')
      .on(t.organizationId, t.sha256)
      .where(sql`deleted_at is null`),
    index('knowledge_documents_to_erase')
      .on(t.deletedAt)
      .where(sql`deleted_at is not null and erased_at is null`),
    foreignKey({ columns: [t.organizationId], foreignColumns: [organizations.id] }),
    check('knowledge_documents_kind_known', sql`${t.kind} in (${literals(documentKinds)})`),
    check('knowledge_documents_state_known', sql`${t.state} in (${literals(documentStates)})`),
    check('knowledge_documents_title_not_blank', sql`length(btrim(${t.title})) between 1 and 200`),
    check(
      'knowledge_documents_rejected_has_reason',
      sql`(${t.state} = 'rejected') = (${t.reason} is not null)`,
    ),
    ...tenantPolicies('knowledge_documents'),
  ],
)

/** A passage with its vector: sign bits to find the nearest fast, all of it to rank them exactly. */
export const knowledgeChunks = pgTable.withRLS(
  'knowledge_chunks',
  {
    organizationId: organizationId(),
    id: uuid('id').notNull(),
    documentId: uuid('document_id').notNull(),
    position: integer('position').notNull(),
    /** Page of a PDF the passage begins on. */
    page: integer('page'),
    body: text('body').notNull(),
    /** 1,536 little-endian float32, normalised. */
    embedding: bytea('embedding').notNull(),
    signature: bit('signature', { dimensions: EMBEDDING_DIMENSIONS }).notNull(),
    words: tsvector('words').notNull().generatedAlwaysAs(sql`to_tsvector('simple', body)`),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.id] }),
    uniqueIndex('knowledge_chunks_in_order').on(t.organizationId, t.documentId, t.position),
    // The organization is one of the terms. Without the list of pending entries, which every search would read.
    index('knowledge_chunks_words')
      .using('gin', sql`knowledge_terms(organization_id, words)`)
      .with({ fastupdate: false }),
    foreignKey({
      columns: [t.organizationId, t.documentId],
      foreignColumns: [knowledgeDocuments.organizationId, knowledgeDocuments.id],
    }),
    ...tenantPolicies('knowledge_chunks'),
  ],
)
