import { and, desc, eq, lt, or } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { organizations } from '#db/schema/organizations.ts'

const shown = {
  id: organizations.id,
  name: organizations.name,
  timeZone: organizations.timeZone,
  status: organizations.status,
  createdAt: organizations.createdAt,
}
export type OrganizationRow = NonNullable<Awaited<ReturnType<typeof findOrganization>>>
type Status = OrganizationRow['status']

export async function insertOrganization(
  db: Db,
  organization: { id: string; name: string; timeZone: string },
): Promise<OrganizationRow> {
  const [row] = await db.insert(organizations).values(organization).returning(shown)
  if (!row) throw new Error('an insert returned no row')
  return row
}

export async function findOrganization(db: Db, organizationId: string) {
  const [row] = await db
    .select(shown)
    .from(organizations)
    .where(eq(organizations.id, organizationId))
  return row
}

/** Undefined where the organization does not stand at `from`. */
export async function moveStatus(
  db: Db,
  organizationId: string,
  move: { from: Status; to: Status; at: Date },
): Promise<OrganizationRow | undefined> {
  const [row] = await db
    .update(organizations)
    .set({ status: move.to, statusChangedAt: move.at })
    .where(and(eq(organizations.id, organizationId), eq(organizations.status, move.from)))
    .returning(shown)
  return row
}

/** Across tenants: under the platform's role only. */
export const listOrganizations = (
  db: Db,
  page: { limit: number; before: Position | undefined; status: Status | undefined },
): Promise<OrganizationRow[]> =>
  db
    .select(shown)
    .from(organizations)
    .where(
      and(
        page.status && eq(organizations.status, page.status),
        page.before &&
          or(
            lt(organizations.createdAt, page.before.at),
            and(eq(organizations.createdAt, page.before.at), lt(organizations.id, page.before.id)),
          ),
      ),
    )
    .orderBy(desc(organizations.createdAt), desc(organizations.id))
    .limit(page.limit)
