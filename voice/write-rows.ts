import { DomainError } from '#api/core/errors.ts'

/** Whether a database looked at the rows and will never take them; one that is away has not. */
const isRefusal = (error: unknown): boolean => error instanceof DomainError && error.status < 500

/**
 * Writes rows together; where the database refuses them, each by itself, so that one bad row takes no others with it.
 * Gives back what was refused; throws where the database is away, and then all may be written again.
 */
export async function writeRows<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<void>,
): Promise<{ row: Row; error: unknown }[]> {
  try {
    if (rows.length > 0) await write(rows)
    return []
  } catch (error) {
    if (!isRefusal(error)) throw error
    const [row] = rows
    if (row !== undefined && rows.length === 1) return [{ row, error }]
  }
  const refused = []
  for (const row of rows) refused.push(...(await writeRows([row], write)))
  return refused
}
