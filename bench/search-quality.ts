import { forOrganization } from '#api/core/context.ts'
import { measureQuality } from '#api/domains/knowledge/quality/measure.ts'
import { testApi } from '#api/testing.ts'
import { Faults } from '../sandbox/kit/faults.ts'
import { Journal } from '../sandbox/kit/journal.ts'
import { startOpenAi } from '../sandbox/openai/start.ts'
import type { Row } from './wallet.ts'

const GOAL = 0.92

/**
 * Labelled questions about a firm's papers. The vectors are the stand-in's, made of words: this measures cutting,
 * words, ranking and all between, and is a lower bound for a model that knows what words mean.
 */
export async function quality(): Promise<Row[]> {
  const apiKey = 'sk-sandbox'
  const quiet = { journal: new Journal(), faults: new Faults() }
  const openAi = await startOpenAi({ port: 0, apiKey, ...quiet })
  const api = await testApi({ OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: openAi.url })
  try {
    const organizationId = await api.database.anOrganization()
    const { asked, recall } = await measureQuality(forOrganization(api.ctx, organizationId))
    const row = (shown: 1 | 5, goal: number): Row => ({
      name: `recall@${shown} of ${asked} labelled questions`,
      value: recall[shown],
      unit: 'of 1',
      baseline: 1,
      ratio: recall[shown],
      goal: goal > 0 ? `≥ ${goal}` : 'none',
      met: recall[shown] >= goal,
    })
    return [row(5, GOAL), row(1, 0)]
  } finally {
    await api.close()
    await openAi.close()
  }
}
