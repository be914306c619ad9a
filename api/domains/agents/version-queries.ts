import { aliasedTable, and, desc, eq, lt, type SQL } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { agentVersions } from '#db/schema/agents.ts'
import { memberships } from '#db/schema/members.ts'

export type VersionRow = typeof agentVersions.$inferSelect

export const publishers = aliasedTable(memberships, 'publishers')

export const publisherOfVersion = and(
  eq(publishers.organizationId, agentVersions.organizationId),
  eq(publishers.userId, agentVersions.publishedByUserId),
)

export async function insertVersion(
  db: Db,
  version: typeof agentVersions.$inferInsert,
): Promise<void> {
  await db.insert(agentVersions).values(version)
}

const isVersion = (organizationId: string, agentId: string, more?: SQL) =>
  and(eq(agentVersions.organizationId, organizationId), eq(agentVersions.agentId, agentId), more)

const shownVersion = { version: agentVersions, publishedBy: publishers.name }

export type ShownVersion = { version: VersionRow; publishedBy: string | null }

export async function findVersion(
  db: Db,
  organizationId: string,
  agentId: string,
  number: number,
): Promise<ShownVersion | undefined> {
  const [row] = await db
    .select(shownVersion)
    .from(agentVersions)
    .leftJoin(publishers, publisherOfVersion)
    .where(isVersion(organizationId, agentId, eq(agentVersions.number, number)))
  return row
}

export function listVersions(
  db: Db,
  organizationId: string,
  agentId: string,
  page: { before: number | undefined; limit: number },
): Promise<ShownVersion[]> {
  const older = page.before === undefined ? undefined : lt(agentVersions.number, page.before)
  return db
    .select(shownVersion)
    .from(agentVersions)
    .leftJoin(publishers, publisherOfVersion)
    .where(isVersion(organizationId, agentId, older))
    .orderBy(desc(agentVersions.number))
    .limit(page.limit)
}
