import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KILLS_MS, killAtEachStep, killing } from '#api/killing-testing.ts'
import { type Flows, numberFlows } from './flows-testing.ts'
import type { Deed } from './kill-testing.ts'
import { type NumberLab, numberLab } from './testing.ts'

let lab: NumberLab
let flows: Flows
let die: ReturnType<typeof killing<Deed>>
beforeAll(async () => {
  lab = await numberLab({ count: 1, numbersEach: 200 })
  flows = await numberFlows(lab)
  die = killing<Deed>({
    databaseUrls: lab.api.database.urls,
    environment: lab.environment,
    performs: path.join(import.meta.dirname, 'kill-testing.ts'),
  })
})
afterAll(() => lab.close())

// Between them they take every way there is to the vendors; what lost answers do is walked for all of them elsewhere.
test.each([
  'a purchase',
  'an import',
  'a repair at ElevenLabs',
  'a release of a native number',
  'a release of a bought number',
] as const)(
  '%s whose process is killed at any step is done once, and both vendors hold what we say',
  async (name) => {
    const kills = await killAtEachStep({
      make: flows.deeds[name],
      die,
      async look(deed) {
        await flows.goOn(deed)
        await flows.expectConsistent(deed)
      },
    })
    expect(kills).toBeGreaterThan(2)
    await flows.expectNothingOrphaned()
  },
  KILLS_MS,
)
