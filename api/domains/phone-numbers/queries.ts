import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Position } from '#api/core/cursor.ts'
import type { Db } from '#db/client.ts'
import { agents } from '#db/schema/agents.ts'
import { phoneNumbers } from '#db/schema/phone-numbers.ts'

export type NumberRow = typeof phoneNumbers.$inferSelect

/** The number in service, whoever owns it. Only the platform's role sees other organizations'. */
export async function findByE164(db: Db, e164: string): Promise<NumberRow | undefined> {
  const [row] = await db
    .select()
    .from(phoneNumbers)
    .where(and(eq(phoneNumbers.e164, e164), isNull(phoneNumbers.releasedAt)))
  return row
}

/** Undefined where somebody else holds the number: the unique index decides, not a look before. */
export async function insertNumber(
  db: Db,
  number: typeof phoneNumbers.$inferInsert,
): Promise<NumberRow | undefined> {
  const [row] = await db.insert(phoneNumbers).values(number).onConflictDoNothing().returning()
  return row
}

export async function updateNumber(
  db: Db,
  organizationId: string,
  phoneNumberId: string,
  change: Partial<Pick<NumberRow, 'agentId' | 'label' | 'twilioNumberSid'>>,
): Promise<void> {
  await db
    .update(phoneNumbers)
    .set(change)
    .where(and(eq(phoneNumbers.organizationId, organizationId), eq(phoneNumbers.id, phoneNumberId)))
}

export function listNumbers(
  db: Db,
  organizationId: string,
  { before, limit }: { before: Position | undefined; limit: number },
): Promise<{ number: NumberRow; agentName: string | null }[]> {
  return db
    .select({ number: phoneNumbers, agentName: agents.name })
    .from(phoneNumbers)
    .leftJoin(
      agents,
      and(
        eq(agents.organizationId, phoneNumbers.organizationId),
        eq(agents.id, phoneNumbers.agentId),
      ),
    )
    .where(
      and(
        eq(phoneNumbers.organizationId, organizationId),
        isNull(phoneNumbers.releasedAt),
        before &&
          sql`(${phoneNumbers.createdAt}, ${phoneNumbers.id}) < (${before.at}, ${before.id})`,
      ),
    )
    .orderBy(desc(phoneNumbers.createdAt), desc(phoneNumbers.id))
    .limit(limit)
}
