import type { z } from 'zod'
import type { jobQueue, listWebhookRejections } from '#contracts/operations'

type Queue = z.output<typeof jobQueue>

/** All queues as one. */
export const queueTotals = (queues: readonly Queue[]) => ({
  waiting: sum(queues.map((queue) => queue.waiting)),
  failed: sum(queues.map((queue) => queue.failed)),
  /** Age of the oldest job that waits and is due; null where none does. */
  oldestSeconds: queues.reduce<number | null>(
    (oldest, { oldestWaitingSeconds: age }) => (age === null ? oldest : Math.max(age, oldest ?? 0)),
    null,
  ),
})

const DAY_MS = 86_400_000

/** How many of a page of refusals, newest first, are of the last day; whether there may be more than the page holds. */
export function recentRejections(
  page: z.output<(typeof listWebhookRejections)['response']>,
  now: Date,
): { count: number; hasMore: boolean } {
  const isRecent = (at: Date) => now.getTime() - at.getTime() < DAY_MS
  const count = page.items.filter(({ at }) => isRecent(at)).length
  return { count, hasMore: page.nextCursor !== null && count === page.items.length }
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
