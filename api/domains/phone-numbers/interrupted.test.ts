import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { converge } from './converge.ts'
import { deedNames, type Flows, numberFlows } from './flows-testing.ts'
import { ask } from './kill-testing.ts'
import { type NumberLab, numberLab } from './testing.ts'

// Each flow asks the vendors fewer times than this.
const MOST_STEPS = 30

let lab: NumberLab
let flows: Flows
beforeAll(async () => {
  lab = await numberLab({ count: 1, numbersEach: 400 })
  flows = await numberFlows(lab)
})
afterEach(() => lab.faults.clear())
afterAll(() => lab.close())

const lost = { type: 'reset', afterBytes: 0 } as const
const dropped = { type: 'drop' } as const
type Name = (typeof deedNames)[number]

/** Has the n-th request to either vendor fail, with those that try it again, for each n there is. */
async function atEachRequest(
  action: typeof lost | typeof dropped,
  name: Name,
  goOn: (deed: Awaited<ReturnType<Flows['deeds'][Name]>>) => Promise<void>,
): Promise<void> {
  let hits = 0
  for (let skip = 0; skip < MOST_STEPS; skip++) {
    const deed = await flows.deeds[name]()
    const id = await ask(flows.ctx, deed)
    const rules = (['twilio', 'elevenlabs'] as const).map((vendor) =>
      // Three times, so that a read that is tried again fails as well.
      lab.faults.add({ vendor, on: 'request', skip, times: 3, action }),
    )
    if (id) await converge(flows.ctx, id)
    const wasHit = rules.some(({ fired }) => fired > 0)
    lab.faults.clear()
    await goOn(deed)
    if (!wasHit) break
    hits++
  }
  expect(hits).toBeGreaterThan(0)
  expect(hits).toBeLessThan(MOST_STEPS - 1)
  await flows.expectNothingOrphaned()
}

const ways = [
  ['answers are lost', lost],
  ['requests do not arrive', dropped],
] as const

test.each(deedNames.flatMap((name) => ways.map(([what, action]) => [name, what, action] as const)))(
  '%s of which %s at any step ends consistent at both vendors',
  (name, _what, action) =>
    atEachRequest(action, name, async (deed) => {
      await flows.goOn(deed)
      await flows.expectConsistent(deed)
    }),
  120_000,
)

test.each([
  ['a purchase', false],
  ['a native import', true],
  ['a change from ElevenLabs to our gateways', true],
] as const)(
  '%s that lost an answer at any step and is given up then leaves nothing at either vendor',
  (name, staysAtCarrier) =>
    atEachRequest(lost, name, async ({ organizationId, e164 }) => {
      const release = { do: 'release', organizationId, e164, staysAtCarrier } as const
      await flows.goOn(release)
      await flows.expectConsistent(release)
    }),
  120_000,
)
