import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import * as queries from './queries.ts'

export type { UsageFinding } from './queries.ts'

const BATCH = 250 // organizations a statement: one with 100,000 calls is counted in a quarter of a second
const GRACE_SECONDS = 60 // a count waits a few seconds for its job, and longer behind a backlog
const MAX_FINDINGS = 100

/** Compares the stored sums with a recount. `complete` is false where `until` came before the last organization. */
export async function verifyUsage(
  ctx: Context,
  { until, graceSeconds = GRACE_SECONDS }: { until?: Date; graceSeconds?: number } = {},
): Promise<{ findings: queries.UsageFinding[]; complete: boolean }> {
  const findings: queries.UsageFinding[] = []
  for (let after: string | undefined; ; ) {
    if (until && ctx.now() >= until) return { findings, complete: false }
    const ids = await asPlatform(ctx, (tx) => queries.organizationsAfter(tx.db, after, BATCH))
    after = ids.at(-1)
    if (!after) return { findings, complete: true }
    const room = MAX_FINDINGS - findings.length
    findings.push(
      ...(await asPlatform(ctx, (tx) => queries.findDifferences(tx.db, ids, graceSeconds, room))),
    )
    if (findings.length >= MAX_FINDINGS) return { findings, complete: false }
  }
}
