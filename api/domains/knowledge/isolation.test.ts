import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Context, forOrganization } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { EMBEDDING_DIMENSIONS } from '#db/schema/knowledge.ts'
import { ingestDocument } from './ingest.ts'
import { addText, deleteDocument, listDocuments, retrieve } from './service.ts'

const RUNS = 60
const WORDS = ['margin', 'refund', 'vault', 'Größe', 'E-417', 'the', "o'brien", 'naïve', '42']
const ours = 'ours-only'
const theirs = 'theirs-only'

let api: TestApi
let us: Context
let them: Context
beforeAll(async () => {
  api = await testApi()
  us = forOrganization(api.ctx, await api.database.anOrganization())
  them = forOrganization(api.ctx, await api.database.anOrganization())
  for (const [ctx, mark] of [
    [us, ours],
    [them, theirs],
  ] as const) {
    for (const word of WORDS) await learn(ctx, `${word} ${mark} ${WORDS.join(' ')} ${word}`)
  }
})
afterAll(() => api.close())

/** A model under the test's thumb: it says of every text whatever vector is asked for. */
const saying = (ctx: Context, vector: Float32Array): Context => ({
  ...ctx,
  vendors: {
    ...ctx.vendors,
    openAi: { ...ctx.vendors.openAi, embed: async (texts) => texts.map(() => vector) },
  },
})
const vectorFrom = (parts: readonly number[]): Float32Array => {
  const vector = Float32Array.from(
    { length: EMBEDDING_DIMENSIONS },
    (_, i) => parts[i % parts.length]!,
  )
  const length = Math.hypot(...vector) || 1
  return vector.map((part) => part / length)
}

async function learn(ctx: Context, text: string): Promise<string> {
  const model = saying(ctx, vectorFrom([text.length, -1, 0.5, text.charCodeAt(0)]))
  const { id } = await addText(model, { title: 'Notes', text })
  await ingestDocument(model, id)
  return id
}

const question = fc.oneof(
  fc
    .array(fc.constantFrom(...WORDS, ours, theirs), { minLength: 1, maxLength: 12 })
    .map((words) => words.join(' ')),
  fc
    .string({ minLength: 1, maxLength: 200, unit: 'binary' })
    .filter((text) => !text.includes('\0')),
  fc.constantFrom(
    `' | ${theirs}`,
    `${theirs}:* & !x`,
    `{"${theirs}"}`,
    '%_%',
    `$$ ${theirs} $$`,
    "');--",
  ),
)
const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
  .map(vectorFrom)
const limit = fc.integer({ min: 1, max: 20 })

test('whatever is asked, in words and in vectors, only the own passages come back', async () => {
  const own = new Map<Context, Set<string>>()
  for (const ctx of [us, them]) {
    const { items } = await listDocuments(ctx, { limit: 100 })
    own.set(ctx, new Set(items.map(({ id }) => id)))
  }
  await fc.assert(
    fc.asyncProperty(fc.boolean(), question, vector, limit, async (isUs, text, meant, most) => {
      const [ctx, foreign] = isUs ? [us, theirs] : [them, ours]
      const found = await retrieve(saying(ctx, meant), text, most)
      expect(found.length).toBeGreaterThan(0)
      for (const { documentId, text: body } of found) {
        expect(own.get(ctx)).toContain(documentId)
        expect(body).not.toContain(foreign)
      }
    }),
    { numRuns: RUNS },
  )
})

test('an organization without passages finds none, however near another’s are', async () => {
  const empty = forOrganization(api.ctx, await api.database.anOrganization())
  await fc.assert(
    fc.asyncProperty(question, vector, async (text, meant) => {
      expect(await retrieve(saying(empty, meant), text, 20)).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

test('what was deleted a moment ago is found no more, though its passages are still there', async () => {
  const secret = 'zirconium'
  const id = await learn(us, `The code is ${secret}.`)
  const ask = () => retrieve(saying(us, vectorFrom([1])), secret, 20)
  expect((await ask()).map(({ documentId }) => documentId)).toContain(id)
  await deleteDocument(us, id)
  expect((await ask()).map(({ documentId }) => documentId)).not.toContain(id)
})
