import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import type { passage } from './contract.ts'
import * as queries from './queries.ts'
import { tellingWords } from './question.ts'
import { cosine, signatureOf, vectorOf } from './vector.ts'

export type Found = z.output<typeof passage>
type Ranked = Found & { id: string }

const BY_SIGNS = 150 // ranked exactly afterwards; fewer passages than this in scope make the result exact
const BY_WORDS = 50
const RARE = 500 // passages; a word that more of them hold tells them apart no longer
// Reciprocal rank fusion (Cormack et al. 2009): the usual constant, so that no single first place decides.
const FUSION = 60

/**
 * The organization's passages that answer a question best: nearest by meaning and by words, fused by rank. Of
 * another organization nothing is ever looked at.
 */
export async function retrieve(ctx: Context, question: string, limit: number): Promise<Found[]> {
  // Before the database: no vendor is called inside a transaction.
  const [vector] = await ctx.vendors.openAi.embed([question])
  if (!vector) return []
  const { byWords, ranked } = await findCandidates(ctx, question, vector)
  const placeByWords = new Map(byWords.map((id, place) => [id, place]))
  const fused = ranked.map((chunk, place) => {
    const word = placeByWords.get(chunk.id)
    const weight = 1 / (FUSION + place) + (word === undefined ? 0 : 1 / (FUSION + word))
    return { chunk, weight }
  })
  return fused
    .sort((a, b) => b.weight - a.weight)
    .slice(0, limit)
    .map(({ chunk: { id: _id, ...found } }) => found)
}

/** All that either half found, nearest by meaning first, and the order in which the words alone put them. */
export async function findCandidates(
  ctx: Context,
  question: string,
  vector: Float32Array,
): Promise<{ byWords: string[]; ranked: Ranked[] }> {
  const organizationId = tenantOf(ctx)
  const signs = signatureOf(vector)
  const words = tellingWords(question)
  const [bySigns, byWords] = await Promise.all([
    read(ctx, (db) => queries.nearestBySigns(db, organizationId, signs, BY_SIGNS)),
    ctx.database.readPlatform((db) =>
      queries.nearestByWords(db, organizationId, words, { rare: RARE, limit: BY_WORDS }),
    ),
  ])
  const ids = [...new Set([...bySigns, ...byWords])]
  if (ids.length === 0) return { byWords, ranked: [] }
  const candidates = await read(ctx, (db) => queries.fetchCandidates(db, organizationId, ids))
  const ranked = candidates
    .map(({ embedding, ...chunk }) => ({ ...chunk, score: cosine(vectorOf(embedding), vector) }))
    .sort((a, b) => b.score - a.score)
  return { byWords, ranked }
}
