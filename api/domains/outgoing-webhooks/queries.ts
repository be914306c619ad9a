import { and, arrayContains, desc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { webhookEndpoints, webhookMessages } from '#db/schema/outgoing-webhooks.ts'

export type EndpointRow = typeof webhookEndpoints.$inferSelect
export type MessageRow = typeof webhookMessages.$inferSelect

export async function insertEndpoint(
  db: Db,
  endpoint: typeof webhookEndpoints.$inferInsert,
): Promise<EndpointRow> {
  const [row] = await db.insert(webhookEndpoints).values(endpoint).returning()
  if (!row) throw new Error('an insert returned no row')
  return row
}

/** The rows of one organization, locked in order, so that two additions at once count each other. */
export async function countEndpoints(db: Db, organizationId: string): Promise<number> {
  await db.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`webhook-endpoints:${organizationId}`}, 0))`,
  )
  return db.$count(webhookEndpoints, ofOrganization(organizationId))
}

export const listEndpoints = (
  db: Db,
  organizationId: string,
  page: { limit: number; before: Position | undefined },
): Promise<EndpointRow[]> =>
  db
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        ofOrganization(organizationId),
        page.before &&
          or(
            lt(webhookEndpoints.createdAt, page.before.at),
            and(
              eq(webhookEndpoints.createdAt, page.before.at),
              lt(webhookEndpoints.id, page.before.id),
            ),
          ),
      ),
    )
    .orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id))
    .limit(page.limit)

export const hasEndpoint = async (db: Db, organizationId: string, id: string): Promise<boolean> =>
  (await db.$count(
    webhookEndpoints,
    and(ofOrganization(organizationId), eq(webhookEndpoints.id, id)),
  )) > 0

/** The endpoint, locked; undefined for one that was deleted. */
export async function lockEndpoint(
  db: Db,
  organizationId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  const [row] = await db
    .select()
    .from(webhookEndpoints)
    .where(and(ofOrganization(organizationId), eq(webhookEndpoints.id, id)))
    .for('update')
  return row
}

export async function updateEndpoint(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<EndpointRow>,
): Promise<EndpointRow> {
  const [row] = await db
    .update(webhookEndpoints)
    .set(change)
    .where(and(eq(webhookEndpoints.organizationId, organizationId), eq(webhookEndpoints.id, id)))
    .returning()
  if (!row) throw new Error('a locked endpoint was not found again')
  return row
}

/** Who wants to hear of an event now. */
export const listHearing = (
  db: Db,
  organizationId: string,
  event: string,
): Promise<EndpointRow[]> =>
  db
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        ofOrganization(organizationId),
        eq(webhookEndpoints.state, 'active'),
        arrayContains(webhookEndpoints.events, [event]),
      ),
    )

/** Undefined where the endpoint was told of this event before. */
export async function insertMessage(
  db: Db,
  message: typeof webhookMessages.$inferInsert,
): Promise<MessageRow | undefined> {
  const [row] = await db.insert(webhookMessages).values(message).onConflictDoNothing().returning()
  return row
}

export async function lockMessage(
  db: Db,
  organizationId: string,
  id: string,
): Promise<MessageRow | undefined> {
  const [row] = await db
    .select()
    .from(webhookMessages)
    .where(and(eq(webhookMessages.organizationId, organizationId), eq(webhookMessages.id, id)))
    .for('update')
  return row
}

export async function updateMessage(
  db: Db,
  organizationId: string,
  id: string,
  change: Partial<MessageRow>,
): Promise<MessageRow> {
  const [row] = await db
    .update(webhookMessages)
    .set(change)
    .where(and(eq(webhookMessages.organizationId, organizationId), eq(webhookMessages.id, id)))
    .returning()
  if (!row) throw new Error('a locked message was not found again')
  return row
}

/** What waits for a deleted endpoint is dropped: it stays in the log as failed. */
export async function dropWaiting(
  db: Db,
  organizationId: string,
  endpointId: string,
  why: string,
): Promise<void> {
  await db
    .update(webhookMessages)
    .set({ state: 'failed', lastError: why, nextAttemptAt: null })
    .where(
      and(
        eq(webhookMessages.organizationId, organizationId),
        eq(webhookMessages.endpointId, endpointId),
        eq(webhookMessages.state, 'waiting'),
      ),
    )
}

export const listMessages = (
  db: Db,
  organizationId: string,
  endpointId: string,
  page: { limit: number; before: Position | undefined; state: MessageRow['state'] | undefined },
): Promise<MessageRow[]> =>
  db
    .select()
    .from(webhookMessages)
    .where(
      and(
        eq(webhookMessages.organizationId, organizationId),
        eq(webhookMessages.endpointId, endpointId),
        page.state && eq(webhookMessages.state, page.state),
        page.before &&
          or(
            lt(webhookMessages.createdAt, page.before.at),
            and(
              eq(webhookMessages.createdAt, page.before.at),
              lt(webhookMessages.id, page.before.id),
            ),
          ),
      ),
    )
    .orderBy(desc(webhookMessages.createdAt), desc(webhookMessages.id))
    .limit(page.limit)

/** Messages whose moment passed and that nobody sent: over all tenants, under the platform's role. */
export const listOverdue = (
  db: Db,
  before: Date,
  limit: number,
): Promise<{ organizationId: string; messageId: string }[]> =>
  db
    .select({
      organizationId: webhookMessages.organizationId,
      messageId: webhookMessages.id,
    })
    .from(webhookMessages)
    .where(and(eq(webhookMessages.state, 'waiting'), lt(webhookMessages.nextAttemptAt, before)))
    .orderBy(webhookMessages.nextAttemptAt)
    .limit(limit)

const ofOrganization = (organizationId: string) =>
  and(eq(webhookEndpoints.organizationId, organizationId), isNull(webhookEndpoints.deletedAt))
