import { and, eq, inArray, isNotNull, isNull, ne, type SQL } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agentDocuments, agents } from '#db/schema/agents.ts'
import { knowledgeDocuments } from '#db/schema/knowledge.ts'

export type KnownDocument = {
  id: string
  title: string
  state: string
  elevenLabsDocumentId: string | null
}

/** Those of these documents that are there. */
export function listDocuments(
  db: Db,
  organizationId: string,
  ids: readonly string[],
): Promise<KnownDocument[]> {
  return selectDocuments(db, organizationId, inArray(knowledgeDocuments.id, [...ids]))
}

/** Those that ElevenLabs' ids stand for. */
export function listCopies(
  db: Db,
  organizationId: string,
  elevenLabsDocumentIds: readonly string[],
): Promise<KnownDocument[]> {
  const theirs = inArray(knowledgeDocuments.elevenLabsDocumentId, [...elevenLabsDocumentIds])
  return selectDocuments(db, organizationId, theirs)
}

async function selectDocuments(db: Db, organizationId: string, which: SQL) {
  const { id, title, state, elevenLabsDocumentId } = knowledgeDocuments
  return db
    .select({ id, title, state, elevenLabsDocumentId })
    .from(knowledgeDocuments)
    .where(
      and(
        eq(knowledgeDocuments.organizationId, organizationId),
        isNull(knowledgeDocuments.deletedAt),
        which,
      ),
    )
}

/** These documents and no others are the agent's. */
export async function replaceDocuments(
  db: Db,
  organizationId: string,
  agentId: string,
  documentIds: readonly string[],
): Promise<void> {
  await db
    .delete(agentDocuments)
    .where(
      and(eq(agentDocuments.organizationId, organizationId), eq(agentDocuments.agentId, agentId)),
    )
  if (documentIds.length === 0) return
  await db
    .insert(agentDocuments)
    .values(documentIds.map((documentId) => ({ organizationId, agentId, documentId })))
}

/** Published agents whose draft or version uses the document, but for those whose drift somebody has to decide. */
export async function listUsing(
  db: Db,
  organizationId: string,
  documentId: string,
): Promise<string[]> {
  const rows = await db
    .select({ id: agents.id })
    .from(agents)
    .innerJoin(
      agentDocuments,
      and(
        eq(agentDocuments.organizationId, agents.organizationId),
        eq(agentDocuments.agentId, agents.id),
        eq(agentDocuments.documentId, documentId),
      ),
    )
    .where(
      and(
        eq(agents.organizationId, organizationId),
        isNull(agents.archivedAt),
        isNotNull(agents.publishedVersion),
        ne(agents.syncState, 'drifted'),
      ),
    )
  return rows.map(({ id }) => id)
}
