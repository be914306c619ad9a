import { z } from 'zod'
import { agentSpec } from '#api/contract/agent-spec.ts'
import type { Context } from '#api/core/context.ts'
import { forOrganization, inTransaction, read, tenantOf } from '#api/core/context.ts'
import { job } from '#api/core/jobs.ts'
import { type Claim, claimAgent } from './claim.ts'
import { deliver } from './deliver.ts'
import { failureOf, isWorthRetrying } from './failure.ts'
import { fingerprintOf } from './fingerprint.ts'
import * as queries from './queries.ts'
import * as versionRows from './version-queries.ts'

const BUSY_SECONDS = 5 // until a push that found another one running looks again

export const pushAgentJob = job({
  name: 'agents.push-agent',
  data: z.object({ organizationId: z.uuid(), agentId: z.uuid() }),
  retry: { limit: 5, delaySeconds: 5 },
  key: ({ agentId }) => agentId,
  run: (ctx, { organizationId, agentId }) =>
    pushAgent(forOrganization(ctx, organizationId), agentId),
})

/**
 * Makes ElevenLabs hold the published version. One process does it at a time, and whoever ends sees whether
 * something was published meanwhile: in whatever order pushes come, the newest version is what stays there.
 */
export async function pushAgent(ctx: Context, agentId: string): Promise<void> {
  const organizationId = tenantOf(ctx)
  // What waits while an organization is paused is picked up by the sweep when it goes on.
  const status = await read(ctx, (db) => queries.findOrganizationStatus(db, organizationId))
  if (status !== 'active') return
  const known = await read(ctx, (db) => queries.findAgent(db, organizationId, agentId))
  if (!known || known.archivedAt || known.publishedVersion === null) return
  const claim = await claimAgent(ctx, agentId)
  if (!claim) {
    await inTransaction(ctx, (tx) =>
      tx.enqueue(pushAgentJob, { organizationId, agentId }, { startAfterSeconds: BUSY_SECONDS }),
    )
    return
  }
  try {
    await pushClaimed(ctx, claim)
  } catch (error) {
    await noteFailure(ctx, claim, error)
    if (isWorthRetrying(error)) throw error
  }
}

async function pushClaimed(ctx: Context, claim: Claim): Promise<void> {
  const { organizationId, id, publishedVersion, archivedAt, name } = claim.agent
  const version =
    publishedVersion === null || archivedAt
      ? undefined
      : await read(ctx, (db) => versionRows.findVersion(db, organizationId, id, publishedVersion))
  if (!version) {
    await inTransaction(ctx, (tx) => claim.settle(tx, {}))
    return
  }
  const spec = agentSpec.parse(version.version.spec)
  const { elevenLabsAgentId, held } = await deliver(ctx, claim, 'published', spec)
  await inTransaction(ctx, async (tx) => {
    const now = await claim.settle(tx, {
      elevenLabsAgentId,
      pushedVersion: publishedVersion,
      pushed: held,
      pushedFingerprint: fingerprintOf(held),
      syncState: 'in_sync',
      syncErrorCode: null,
      syncError: null,
      drift: null,
      driftFoundAt: null,
      driftCheckedAt: tx.now(),
    })
    if (!now || (now.publishedVersion === publishedVersion && now.name === name)) return
    await queries.updateAgent(tx.db, organizationId, id, { syncState: 'pending' })
    await tx.enqueue(pushAgentJob, { organizationId, agentId: id })
  })
}

async function noteFailure(ctx: Context, claim: Claim, error: unknown): Promise<void> {
  const failure = failureOf(error)
  await inTransaction(ctx, (tx) =>
    claim.settle(
      tx,
      failure
        ? {
            ...failure,
            syncState: 'failed',
            // What may pass is tried again an hour from here, once the job's own tries are over.
            driftCheckedAt: isWorthRetrying(error) ? tx.now() : null,
          }
        : {},
    ),
  )
}
