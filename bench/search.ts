import { loadavg } from 'node:os'
import type { Context } from '#api/core/context.ts'
import { forOrganization, read } from '#api/core/context.ts'
import { findCandidates } from '#api/domains/knowledge/search.ts'
import { retrieve } from '#api/domains/knowledge/service.ts'
import { cosine, vectorOf } from '#api/domains/knowledge/vector.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { runNamed } from '#db/client.ts'
import { percentile } from './api-load.ts'
import { processorMs } from './processor-time.ts'
import { quality } from './search-quality.ts'
import { FULL, type Seeded, SMALL, seed } from './search-seed.ts'
import { type Said, World } from './search-world.ts'
import type { Bench, Row } from './wallet.ts'

const ASKED = 110
const WARM = 10 // the first few warm plans and caches and are not counted
const EXACT = 3 // each reads every vector there is
const COMPARED = 60
const SHOWN = 8
const GOAL_MS = 150 // on a machine with nothing else to do; its processor time tells on any
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
  const ask = async (question: Said) => {
    const found = await retrieve(asking(api.ctx, organizationId, question), question.text, SHOWN)
    if (found.length !== SHOWN) throw new Error('a question found less than there is')
  }
  const askExactly = async (question: Said) => {
    await exactlyNearest(asking(api.ctx, organizationId, question), question.vector)
  }
  for (const question of questions.slice(0, WARM)) await ask(question)
  const quick = await measure(api, questions.slice(WARM), ask)
  const exact = await measure(api, questions.slice(0, EXACT), askExactly)
  const row = (name: string, value: number, baseline: number): Row => ({
    name: `${name}, ${where}`,
    value,
    unit: 'ms',
    baseline,
    ratio: value / baseline,
    goal: `≤ ${GOAL_MS} ms`,
    met: value <= GOAL_MS,
  })
  const rows = [
    row('p95 of a question', percentile(quick.tookMs, 0.95), percentile(exact.tookMs, 0.5)),
  ]
  if (quick.processorMs === undefined || exact.processorMs === undefined) return rows
  return [...rows, row('its processor time', quick.processorMs, exact.processorMs)]
}

/** How long each took, and how much processor time one took on average, in all processes together. */
async function measure(api: TestApi, questions: Said[], ask: (question: Said) => Promise<void>) {
  const before = await processorMs(api.database)
  const tookMs: number[] = []
  for (const question of questions) {
    const started = performance.now()
    await ask(question)
    tookMs.push(performance.now() - started)
  }
  const after = await processorMs(api.database)
  const used = before === undefined || after === undefined ? undefined : after - before
  return { tookMs, processorMs: used === undefined ? undefined : used / questions.length }
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
