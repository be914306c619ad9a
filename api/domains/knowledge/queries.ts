import { and, desc, eq, ilike, inArray, isNull, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import { type Db, runNamed } from '#db/client.ts'
import { agentDocuments, agents } from '#db/schema/agents.ts'
import { knowledgeChunks, knowledgeDocuments } from '#db/schema/knowledge.ts'
import { memberships } from '#db/schema/members.ts'

export type DocumentRow = typeof knowledgeDocuments.$inferSelect
type UsingAgent = { id: string; name: string }
export type ShownRow = DocumentRow & { uploadedBy: string | null; agents: UsingAgent[] }

/** Additions of one organization come one after another, so that each counts the others. */
export async function usedForAddition(
  db: Db,
  organizationId: string,
): Promise<{ documents: number; sizeBytes: number }> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`knowledge:${organizationId}`}, 0))`,
  )
  const [used] = await db
    .select({
      documents: sql<number>`count(*)::int`,
      sizeBytes: sql<number>`coalesce(sum(${knowledgeDocuments.sizeBytes}), 0)::bigint`,
    })
    .from(knowledgeDocuments)
    .where(present(organizationId))
  return used ?? { documents: 0, sizeBytes: 0 }
}

/** Undefined where the same content is there already. */
export async function insertDocument(
  db: Db,
  document: typeof knowledgeDocuments.$inferInsert,
): Promise<DocumentRow | undefined> {
  const [row] = await db
    .insert(knowledgeDocuments)
    .values(document)
    .onConflictDoNothing()
    .returning()
  return row
}

const MOST_AGENTS = 20 // of one document: what a line shows and a person reads

const shown = {
  document: knowledgeDocuments,
  uploadedBy: memberships.name,
  agents: sql<UsingAgent[]>`coalesce((
    select json_agg(u order by u.name, u.id) from (
      select ${agents.id} as id, ${agents.name} as name
        from ${agentDocuments} join ${agents}
          on ${agents.organizationId} = ${agentDocuments.organizationId} and ${agents.id} = ${agentDocuments.agentId}
       where ${agentDocuments.organizationId} = ${knowledgeDocuments.organizationId}
         and ${agentDocuments.documentId} = ${knowledgeDocuments.id} and ${agents.archivedAt} is null
       order by ${agents.name}, ${agents.id} limit ${MOST_AGENTS}) u), '[]')`,
}
const withUploader = (db: Db) =>
  db
    .select(shown)
    .from(knowledgeDocuments)
    .leftJoin(
      memberships,
      and(
        eq(memberships.organizationId, knowledgeDocuments.organizationId),
        eq(memberships.userId, knowledgeDocuments.uploadedByUserId),
      ),
    )

export async function findDocument(
  db: Db,
  organizationId: string,
  id: string,
): Promise<ShownRow | undefined> {
  const [row] = await withUploader(db).where(
    and(present(organizationId), eq(knowledgeDocuments.id, id)),
  )
  return row && showRow(row)
}

const showRow = (row: Omit<ShownRow, keyof DocumentRow> & { document: DocumentRow }): ShownRow => ({
  ...row.document,
  uploadedBy: row.uploadedBy,
  agents: row.agents,
})

/** Locked; deleted ones too, for the jobs that clean up after them. */
export async function lockDocument(
  db: Db,
  organizationId: string,
  id: string,
): Promise<DocumentRow | undefined> {
  const [row] = await db
    .select()
    .from(knowledgeDocuments)
    .where(one(organizationId, id))
    .for('update')
  return row
}

export async function updateDocument(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<DocumentRow>,
): Promise<DocumentRow> {
  const [row] = await db
    .update(knowledgeDocuments)
    .set(change)
    .where(one(organizationId, id))
    .returning()
  if (!row) throw new Error('a locked document was not found again')
  return row
}

export async function listDocuments(
  db: Db,
  organizationId: string,
  page: {
    before: Position | undefined
    limit: number
    state: DocumentRow['state'] | undefined
    search: string | undefined
  },
): Promise<ShownRow[]> {
  const { before, limit, state, search } = page
  const { createdAt, id, title } = knowledgeDocuments
  const rows = await withUploader(db)
    .where(
      and(
        present(organizationId),
        state && eq(knowledgeDocuments.state, state),
        search ? ilike(title, `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`) : undefined,
        before && sql`(${createdAt}, ${id}) < (${before.at}, ${before.id})`,
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(limit)
  return rows.map(showRow)
}

export type NewChunk = typeof knowledgeChunks.$inferInsert
const ROWS_A_STATEMENT = 200 // seven values each, far below the 65,535 a statement takes

/** The document's passages are exactly these afterwards. */
export async function replaceChunks(
  db: Db,
  organizationId: string,
  documentId: string,
  chunks: readonly NewChunk[],
): Promise<void> {
  await deleteChunks(db, organizationId, documentId)
  for (let from = 0; from < chunks.length; from += ROWS_A_STATEMENT)
    await db.insert(knowledgeChunks).values(chunks.slice(from, from + ROWS_A_STATEMENT))
}

/** What the document says, passage by passage. */
export async function listBodies(
  db: Db,
  organizationId: string,
  documentId: string,
): Promise<string[]> {
  const rows = await db
    .select({ body: knowledgeChunks.body })
    .from(knowledgeChunks)
    .where(
      and(
        eq(knowledgeChunks.organizationId, organizationId),
        eq(knowledgeChunks.documentId, documentId),
      ),
    )
    .orderBy(knowledgeChunks.position)
  return rows.map(({ body }) => body)
}

export const deleteChunks = (db: Db, organizationId: string, documentId: string) =>
  db
    .delete(knowledgeChunks)
    .where(
      and(
        eq(knowledgeChunks.organizationId, organizationId),
        eq(knowledgeChunks.documentId, documentId),
      ),
    )

/** The passages whose signs differ least from the question's, nearest first. */
export async function nearestBySigns(
  db: Db,
  organizationId: string,
  signature: string,
  limit: number,
): Promise<string[]> {
  const rows = await runNamed<{ id: string }>(
    db,
    'knowledge-nearest',
    `select id from knowledge_chunks where organization_id = $1
      order by bit_count(signature # $2::bit(1536)) limit $3`,
    [organizationId, signature, limit],
  )
  return rows.map(({ id }) => id)
}

/**
 * The passages that hold the question's rarest words, best first. A word that more than `rare` passages hold says
 * nothing about which one is meant and is left out.
 *
 * Under the platform's role: a policy would have every passage of the organization looked at before the index of
 * words may be. Only ids leave, and whoever reads what they stand for does so as the tenant.
 */
export async function nearestByWords(
  db: Db,
  organizationId: string,
  words: readonly string[],
  { rare, limit }: { rare: number; limit: number },
): Promise<string[]> {
  if (words.length === 0) return []
  const rows = await runNamed<{ id: string }>(
    db,
    'knowledge-words',
    // "is true" keeps the index of organizations out of the plan: the organization is one of the terms already.
    `with found as materialized (
       select asked.term, held.id
         from (select hashtextextended(lexeme, 0) as term from unnest(to_tsvector('simple', $2))) asked
        cross join lateral (
          select id from knowledge_chunks
           where knowledge_terms(organization_id, words) @> array[uuid_hash_extended($1, 0), asked.term]
             and (organization_id = $1) is true
           limit $3 + 1) held),
     telling as (select term, count(*) as passages from found group by term having count(*) <= $3),
     everything as (select coalesce(sum(chunks), 0) as passages from knowledge_documents where organization_id = $1)
     select found.id
       from found join telling using (term), everything
      group by found.id
      order by sum(ln(1 + greatest(everything.passages - telling.passages, 0) / (telling.passages + 0.5))) desc, found.id
      limit $4`,
    [organizationId, words.join(' '), rare, limit],
  )
  return rows.map(({ id }) => id)
}

/** Candidates with what ranks and shows them; those of documents that are gone are left out. */
export const fetchCandidates = (db: Db, organizationId: string, ids: readonly string[]) =>
  db
    .select({
      id: knowledgeChunks.id,
      documentId: knowledgeChunks.documentId,
      title: knowledgeDocuments.title,
      position: knowledgeChunks.position,
      page: knowledgeChunks.page,
      text: knowledgeChunks.body,
      embedding: knowledgeChunks.embedding,
    })
    .from(knowledgeChunks)
    .innerJoin(
      knowledgeDocuments,
      and(
        eq(knowledgeDocuments.organizationId, knowledgeChunks.organizationId),
        eq(knowledgeDocuments.id, knowledgeChunks.documentId),
      ),
    )
    .where(
      and(
        eq(knowledgeChunks.organizationId, organizationId),
        inArray(knowledgeChunks.id, [...ids]),
        isNull(knowledgeDocuments.deletedAt),
      ),
    )

/** Deleted documents that nobody cleaned up yet, over all tenants: under the platform's role. */
export const listToErase = (
  db: Db,
  limit: number,
): Promise<{ organizationId: string; documentId: string }[]> =>
  db
    .select({
      organizationId: knowledgeDocuments.organizationId,
      documentId: knowledgeDocuments.id,
    })
    .from(knowledgeDocuments)
    .where(
      sql`${knowledgeDocuments.deletedAt} is not null and ${knowledgeDocuments.erasedAt} is null`,
    )
    .orderBy(knowledgeDocuments.deletedAt)
    .limit(limit)

/** Which copy of a document counts, whoever's it is: under the platform's role. */
export async function findCopy(
  db: Db,
  documentId: string,
): Promise<Pick<DocumentRow, 'elevenLabsDocumentId' | 'erasedAt'> | undefined> {
  const { elevenLabsDocumentId, erasedAt } = knowledgeDocuments
  const [row] = await db
    .select({ elevenLabsDocumentId, erasedAt })
    .from(knowledgeDocuments)
    .where(eq(knowledgeDocuments.id, documentId))
  return row
}

/** Documents that stopped on their way longer than any step takes: their job was lost. */
export const listStuck = (
  db: Db,
  before: Date,
  limit: number,
): Promise<{ organizationId: string; documentId: string }[]> =>
  db
    .select({
      organizationId: knowledgeDocuments.organizationId,
      documentId: knowledgeDocuments.id,
    })
    .from(knowledgeDocuments)
    .where(
      and(
        isNull(knowledgeDocuments.deletedAt),
        inArray(knowledgeDocuments.state, ['queued', 'parsing', 'embedding']),
        sql`${knowledgeDocuments.updatedAt} < ${before}`,
      ),
    )
    .limit(limit)

const one = (organizationId: string, id: string) =>
  and(eq(knowledgeDocuments.organizationId, organizationId), eq(knowledgeDocuments.id, id))
const present = (organizationId: string) =>
  and(eq(knowledgeDocuments.organizationId, organizationId), isNull(knowledgeDocuments.deletedAt))
