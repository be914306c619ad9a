import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { asPlatform } from '#api/core/context.ts'
import * as queries from './queries.ts'
import type { Anchor } from './walk.ts'

const FOLDER = 'audit-anchors/'
const HEADS_A_READ = 2_000 // rows held by one statement; the object itself holds them all

const head = z.object({ sequence: z.int(), hash: z.string() })
const anchorFile = z.object({
  day: z.string(),
  platform: head,
  organizations: z.record(z.uuid(), head),
})
export type Anchors = { platform: Anchor[]; organizations: Map<string, Anchor[]> }

/**
 * Writes every chain's head to the object store, once a day (THREATS 9): who rewrites a chain in the database, hashes
 * and head included, cannot rewrite what stands there. A day that has its anchor keeps it.
 */
export async function anchorHeads(ctx: Context): Promise<'anchored' | 'anchored already'> {
  const { storage } = ctx.vendors
  const day = ctx.now().toISOString().slice(0, 10)
  const key = `${FOLDER}${day}.json`
  const known = await storage.get(key)
  if (known) {
    await known.stream.cancel()
    return 'anchored already'
  }
  const platform = await asPlatform(ctx, (tx) => queries.findPlatformHead(tx.db))
  const organizations: Record<string, z.input<typeof head>> = {}
  for (let after: string | null = null; ; ) {
    const from: string | null = after
    const page: queries.OrganizationHead[] = await asPlatform(ctx, (tx) =>
      queries.headsAfter(tx.db, from, HEADS_A_READ),
    )
    for (const { organizationId, sequence, hash } of page)
      organizations[organizationId] = { sequence, hash }
    after = page.at(-1)?.organizationId ?? null
    if (page.length < HEADS_A_READ) break
  }
  const anchors: z.input<typeof anchorFile> = { day, platform, organizations }
  const bytes = Buffer.from(JSON.stringify(anchors))
  await storage.put(key, bytes, 'application/json')
  // The log leaves the machine too, so that the object itself can be told from a forged one.
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  ctx.log.info({ day, sha256 }, 'the heads of the audit chains are anchored')
  return 'anchored'
}

/** What the newest `days` anchors say, one an entry. */
export async function readAnchors(ctx: Context, days: number): Promise<Anchors> {
  const { storage } = ctx.vendors
  const keys: string[] = []
  for await (const object of storage.list(FOLDER)) keys.push(object.key)
  const anchors: Anchors = { platform: [], organizations: new Map() }
  for (const key of keys.toSorted().slice(-days)) {
    const found = await storage.get(key)
    if (!found) continue
    const file = anchorFile.parse(JSON.parse(await new Response(found.stream).text()))
    add(anchors.platform, { day: file.day, ...file.platform })
    for (const [organizationId, of] of Object.entries(file.organizations)) {
      const own = anchors.organizations.get(organizationId) ?? []
      anchors.organizations.set(organizationId, own)
      add(own, { day: file.day, ...of })
    }
  }
  return anchors
}

/** A chain nothing was added to has the same head on many days; the first of them says enough. */
function add(anchors: Anchor[], anchor: Anchor): void {
  const last = anchors.at(-1)
  if (last?.sequence !== anchor.sequence || last.hash !== anchor.hash) anchors.push(anchor)
}
