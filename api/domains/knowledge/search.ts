import type { z } from 'zod'
import type { Context } from '#api/core/context.ts'
import { read, tenantOf } from '#api/core/context.ts'
import type { passage } from './contract.ts'
import * as queries from './queries.ts'
import { cosine, signatureOf, vectorOf } from './vector.ts'

export type Found = z.output<typeof passage>

const BY_SIGNS = 150 // ranked exactly afterwards; fewer passages than this in scope make the result exact
const BY_WORDS = 50
const MAX_WORDS = 40
// Reciprocal rank fusion (Cormack et al. 2009): the usual constant, so that no single first place decides.
const FUSION = 60

/**
 * The organization's passages that answer a question best: nearest by meaning and by words, fused by rank. Of
 * another organization nothing is ever looked at.
 */
export async function retrieve(ctx: Context, question: string, limit: number): Promise<Found[]> {
  const organizationId = tenantOf(ctx)
  // Before the transaction: no vendor is called inside one.
  const [vector] = await ctx.vendors.openAi.embed([question])
  if (!vector) return []
  const { byWords, candidates } = await read(ctx, async (db) => {
    const bySigns = await queries.nearestBySigns(db, organizationId, signatureOf(vector), BY_SIGNS)
    const byWords = await queries.nearestByWords(db, organizationId, wordsOf(question), BY_WORDS)
    const ids = [...new Set([...bySigns, ...byWords])]
    if (ids.length === 0) return { byWords, candidates: [] }
    return { byWords, candidates: await queries.fetchCandidates(db, organizationId, ids) }
  })

  const ranked = candidates
    .map(({ embedding, ...chunk }) => ({ ...chunk, score: cosine(vectorOf(embedding), vector) }))
    .sort((a, b) => b.score - a.score)
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

/** Words as `to_tsquery` may be given them: letters and digits only, so nothing of them is syntax. */
const wordsOf = (question: string): string[] => {
  const words = question.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []
  return [...new Set(words)].slice(0, MAX_WORDS)
}
