import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forOrganization } from '#api/core/context.ts'
import { type TestApi, testApi } from '#api/testing.ts'
import { Faults } from '../../../../sandbox/kit/faults.ts'
import { Journal } from '../../../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../../../sandbox/openai/start.ts'
import { measureQuality } from './measure.ts'
import { questions } from './questions.ts'

// With the stand-in's vectors, which know words and no meaning: a real model finds more.
const FLOOR = { 1: 0.7, 5: 0.92 }
const DOCUMENTS = path.join(import.meta.dirname, 'documents')

let openAi: OpenAiStandIn
let api: TestApi
beforeAll(async () => {
  const quiet = { journal: new Journal(), faults: new Faults() }
  openAi = await startOpenAi({ port: 0, apiKey: 'sk-sandbox', ...quiet })
  api = await testApi({ OPENAI_API_KEY: 'sk-sandbox', OPENAI_BASE_URL: openAi.url })
})
afterAll(async () => {
  await api.close()
  await openAi.close()
})

test('each question is labelled with words that stand in its document once', () => {
  for (const { question, document, says } of questions) {
    const text = readFileSync(path.join(DOCUMENTS, `${document}.md`), 'utf8')
    expect(text.split(says), question).toHaveLength(2)
  }
  const asked = new Set(questions.map(({ document }) => `${document}.md`))
  expect([...asked].sort()).toEqual(readdirSync(DOCUMENTS).sort())
})

test('the right passage is nearly always among the five that are shown, and mostly the first', async () => {
  const admin = await api.aHolderOf('admin')
  const quality = await measureQuality(forOrganization(api.ctx, admin.organizationId ?? ''))
  expect(quality.recall[5], JSON.stringify(quality.missed, null, 1)).toBeGreaterThanOrEqual(
    FLOOR[5],
  )
  expect(quality.recall[1], JSON.stringify(quality.recall)).toBeGreaterThanOrEqual(FLOOR[1])
})
