import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform, read, tenantOf } from '#api/core/context.ts'
import { type Anchors, readAnchors } from './anchors.ts'
import { GENESIS } from './chain.ts'
import type * as contract from './contract.ts'
import * as queries from './queries.ts'
import { ChainWalk, type Head, type Problem } from './walk.ts'

/** The first bad entry of a chain; `organizationId` is null for the platform's own. */
export type AuditFinding = Problem & { organizationId: string | null }

const ENTRIES_A_READ = 1_000 // held in memory and hashed at a time: some 30 ms, which a call beside it does not notice
const HEADS_A_READ = 500 // chains walked side by side
const ANCHORS_COMPARED = 14 // days; a chain rewritten before the newest anchor differs from an older one
const ANCHORS_COMPARED_BY_TENANT = 2 // each names every organization, so reading one is not free

/** Walks every chain there is and names the first bad entry of each that has one. */
export async function verifyChains(ctx: Context): Promise<AuditFinding[]> {
  return (await walkChains(ctx)).findings
}

/** The same for the office: the platform's own chain apart from the organizations'. */
export async function verifyPlatformAudit(
  ctx: Context,
): Promise<z.output<(typeof contract.verifyPlatformAudit)['response']>> {
  const { checked, findings } = await walkChains(ctx)
  const own = findings.find(({ organizationId }) => organizationId === null)
  return {
    checked,
    intact: findings.length === 0,
    problem: own ? { sequence: own.sequence, problem: own.problem } : null,
    organizations: findings.flatMap(({ organizationId, sequence, problem }) =>
      organizationId ? [{ organizationId, sequence, problem }] : [],
    ),
  }
}

/** Follows the organization's own chain. */
export async function verifyOwnAudit(
  ctx: Context,
): Promise<z.output<typeof contract.auditVerdict>> {
  const organizationId = tenantOf(ctx)
  // The anchors first: a chain only grows, so its head is never before one that was read earlier.
  const anchors = await readAnchors(ctx, ANCHORS_COMPARED_BY_TENANT)
  const head = await read(ctx, (db) => queries.findHead(db, organizationId))
  const walk = new ChainWalk(head ?? EMPTY, anchors.organizations.get(organizationId))
  let after = 0
  for (;;) {
    const from = after
    const page = await read(ctx, (db) =>
      queries.entriesAfter(db, organizationId, from, ENTRIES_A_READ),
    )
    for (const entry of page) walk.take(entry)
    after = page.at(-1)?.sequence ?? after
    if (page.length < ENTRIES_A_READ || after > (head?.sequence ?? 0)) break
  }
  const now = walk.beyond > 0 ? await read(ctx, (db) => queries.findHead(db, organizationId)) : null
  const problem = problemAtEnd(walk, head ?? null, now ?? head ?? null)
  if (problem) alarm(ctx, [{ organizationId, ...problem }])
  return { checked: walk.checked, intact: problem === null, problem }
}

const EMPTY: Head = { sequence: 0, hash: GENESIS }

async function walkChains(ctx: Context): Promise<{ checked: number; findings: AuditFinding[] }> {
  const anchors = await readAnchors(ctx, ANCHORS_COMPARED)
  const platform = await walkPlatform(ctx, anchors)
  const organizations = await walkOrganizations(ctx, anchors)
  const findings = [...platform.findings, ...organizations.findings]
  if (findings.length > 0) alarm(ctx, findings)
  return { checked: platform.checked + organizations.checked, findings }
}

async function walkPlatform(ctx: Context, anchors: Anchors) {
  const head = await asPlatform(ctx, (tx) => queries.findPlatformHead(tx.db))
  const walk = new ChainWalk(head, anchors.platform)
  let after = 0
  for (;;) {
    const from = after
    const page = await asPlatform(ctx, (tx) =>
      queries.platformEntriesAfter(tx.db, from, ENTRIES_A_READ),
    )
    for (const entry of page) walk.take(entry)
    after = page.at(-1)?.sequence ?? after
    if (page.length < ENTRIES_A_READ || after > head.sequence) break
  }
  const now = await asPlatform(ctx, (tx) => queries.findPlatformHead(tx.db))
  const problem = problemAtEnd(walk, head, now)
  const findings: AuditFinding[] = problem ? [{ organizationId: null, ...problem }] : []
  return { checked: walk.checked, findings }
}

async function walkOrganizations(ctx: Context, anchors: Anchors) {
  const headless = await asPlatform(ctx, (tx) => queries.listHeadless(tx.db))
  const findings: AuditFinding[] = headless.map(({ organizationId }) => ({
    organizationId,
    sequence: 0,
    problem: 'entries without a head',
  }))
  const seen = new Set(headless.map(({ organizationId }) => organizationId))
  let checked = 0
  for (let after: string | null = null; ; ) {
    const from: string | null = after
    const heads: queries.OrganizationHead[] = await asPlatform(ctx, (tx) =>
      queries.headsAfter(tx.db, from, HEADS_A_READ),
    )
    const walked = await walkTogether(ctx, heads, anchors)
    checked += walked.checked
    findings.push(...walked.findings)
    for (const { organizationId } of heads) seen.add(organizationId)
    after = heads.at(-1)?.organizationId ?? null
    if (heads.length < HEADS_A_READ) break
  }
  for (const [organizationId, [anchor]] of anchors.organizations)
    if (anchor && !seen.has(organizationId))
      findings.push({
        organizationId,
        sequence: 1,
        problem: `gone since its anchor of ${anchor.day}`,
      })
  return { checked, findings }
}

/** Chains next to each other are read in one go: most organizations have fewer entries than one read holds. */
async function walkTogether(
  ctx: Context,
  heads: readonly queries.OrganizationHead[],
  anchors: Anchors,
): Promise<{ checked: number; findings: AuditFinding[] }> {
  const [first, last] = [heads[0], heads.at(-1)]
  if (!first || !last) return { checked: 0, findings: [] }
  const walks = new Map(
    heads.map((head) => [
      head.organizationId,
      new ChainWalk(head, anchors.organizations.get(head.organizationId)),
    ]),
  )
  let position = { organizationId: first.organizationId, sequence: 0 }
  for (;;) {
    const from = position
    const page = await asPlatform(ctx, (tx) =>
      queries.entriesBetween(tx.db, from, last.organizationId, ENTRIES_A_READ),
    )
    for (const entry of page) walks.get(entry.organizationId)?.take(entry)
    position = page.at(-1) ?? position
    if (page.length < ENTRIES_A_READ) break
  }
  const grown = heads.filter(({ organizationId }) => (walks.get(organizationId)?.beyond ?? 0) > 0)
  const now = new Map(
    (
      await asPlatform(ctx, (tx) =>
        queries.findHeads(
          tx.db,
          grown.map(({ organizationId }) => organizationId),
        ),
      )
    ).map((head) => [head.organizationId, head]),
  )
  let checked = 0
  const findings: AuditFinding[] = []
  for (const head of heads) {
    const { organizationId } = head
    const walk = walks.get(organizationId)
    if (!walk) continue
    checked += walk.checked
    const problem = problemAtEnd(walk, head, now.get(organizationId) ?? head)
    if (problem) findings.push({ organizationId, ...problem })
  }
  return { checked, findings }
}

/** An entry beyond the head is the next run's only where the head has moved on to it. */
function problemAtEnd(walk: ChainWalk, head: Head | null, now: Head | null): Problem | null {
  if (!head && walk.beyond > 0) return { sequence: 0, problem: 'entries without a head' }
  const problem = walk.end()
  if (problem) return problem
  if (now && walk.beyond > now.sequence)
    return { sequence: now.sequence, problem: 'head does not fit' }
  return null
}

const alarm = (ctx: Context, findings: readonly AuditFinding[]) =>
  ctx.log.error(
    { alert: 'audit.chain_broken', findings: findings.slice(0, MAX_LOGGED) },
    'an audit chain does not verify',
  )

const MAX_LOGGED = 20 // enough to start looking; the verdict holds them all
