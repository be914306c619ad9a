import { loadavg } from 'node:os'
import type { Context } from '#api/core/context.ts'
import { forOrganization, read } from '#api/core/context.ts'
import { findCandidates } from '#api/domains/knowledge/search.ts'
import { retrieve } from '#api/domains/knowledge/service.ts'
import { cosine, vectorOf } from '#api/domains/knowledge/vector.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { runNamed } from '#db/client.ts'
import { percentile } from './api-load.ts'
import { quality } from './search-quality.ts'
import { FULL, type Seeded, SMALL, seed } from './search-seed.ts'
import { type Said, World } from './search-world.ts'
import type { Bench, Row } from './wallet.ts'

const ASKED = 110
const WARM = 10 // the first few warm plans and caches and are not counted
const EXACT = 3 // each reads every vector there is
const COMPARED = 60
const SHOWN = 8
const GOAL_MS = 150
const GOAL_RECALL = 0.98
const EXACT_PAGE = 2_000 // vectors in memory at once: 12 MB

/**
 * A question to a knowledge base: signs first and all of a vector last, against all of every vector. Vectors and
 * texts are our own, so what is measured is the database and the ranking, not a model.
 */
export const benches: Bench[] = [{ name: 'search', run: runSearch }]

async function runSearch(): Promise<Row[]> {
  const api = await testApi()
  try {
    const size = process.argv.includes('--small') ? SMALL : FULL
    const world = new World()
    const seeded = await seed(api.database, size, world)
    const all = size.chunks + size.chunksOfOthers
    console.error(
      `  ${size.chunks} passages among ${all} made in ${seeded.seconds.toFixed(0)} s; load ${loadavg()[0]?.toFixed(1)}`,
    )
    const questions = Array.from({ length: ASKED }, () => world.question())
    const speed = await measureSpeed(api, seeded, questions, `${size.chunks} among ${all}`)
    const recall = await measureRecall(api, seeded, questions.slice(0, COMPARED))
    return [...speed, recall, ...(await quality())]
  } finally {
    await api.close()
  }
}

/** The same question as the product answers it and as whoever looks at every vector does. */
async function measureSpeed(
  api: TestApi,
  { organizationId }: Seeded,
  questions: Said[],
  where: string,
): Promise<Row[]> {
  const tookMs: number[] = []
  for (const question of questions) {
    const ctx = asking(api.ctx, organizationId, question)
    const started = performance.now()
    const found = await retrieve(ctx, question.text, SHOWN)
    tookMs.push(performance.now() - started)
    if (found.length !== SHOWN) throw new Error('a question found less than there is')
  }
  const exactMs: number[] = []
  for (const question of questions.slice(0, EXACT)) {
    const started = performance.now()
    await exactlyNearest(asking(api.ctx, organizationId, question), question.vector)
    exactMs.push(performance.now() - started)
  }
  const value = percentile(tookMs.slice(WARM), 0.95)
  const baseline = percentile(exactMs, 0.5)
  return [
    {
      name: `p95 of a question, ${where}`,
      value,
      unit: 'ms',
      baseline,
      ratio: value / baseline,
      goal: `≤ ${GOAL_MS} ms`,
      met: value <= GOAL_MS,
    },
  ]
}

/** How many of the eight nearest are among the eight that the signs lead to. */
async function measureRecall(
  api: TestApi,
  { organizationId, passages }: Seeded,
  questions: Said[],
): Promise<Row> {
  let hits = 0
  for (const { text, vector } of questions) {
    const ctx = forOrganization(api.ctx, organizationId)
    const { ranked } = await findCandidates(ctx, text, vector)
    const found = new Set(ranked.slice(0, SHOWN).map(({ id }) => id))
    hits += nearestOf(passages, vector).filter(({ id }) => found.has(id)).length
  }
  const value = hits / (questions.length * SHOWN)
  return {
    name: `recall@${SHOWN} against exact search`,
    value,
    unit: 'of 1',
    baseline: 1,
    ratio: value,
    goal: `≥ ${GOAL_RECALL}`,
    met: value >= GOAL_RECALL,
  }
}

/** The model's part is left out: the vector is there already. */
function asking(ctx: Context, organizationId: string, { vector }: Said): Context {
  const openAi = { ...ctx.vendors.openAi, embed: async () => [vector] }
  return { ...forOrganization(ctx, organizationId), vendors: { ...ctx.vendors, openAi } }
}

async function exactlyNearest(ctx: Context, vector: Float32Array): Promise<string[]> {
  const scored: { id: string; score: number }[] = []
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await read(ctx, (db) =>
      runNamed<{ id: string; embedding: Buffer }>(
        db,
        'bench-exact',
        `select id, embedding from knowledge_chunks where organization_id = $1 and id > $2 order by id limit ${EXACT_PAGE}`,
        [ctx.organizationId, after],
      ),
    )
    for (const { id, embedding } of rows)
      scored.push({ id, score: cosine(vectorOf(embedding), vector) })
    const last = rows.at(-1)
    if (!last) break
    after = last.id
  }
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN)
    .map(({ id }) => id)
}

function nearestOf(passages: Seeded['passages'], vector: Float32Array): Seeded['passages'] {
  const scored = passages.map((passage) => ({ passage, score: cosine(passage.vector, vector) }))
  scored.sort((a, b) => b.score - a.score)
  return scored.slice(0, SHOWN).map(({ passage }) => passage)
}
