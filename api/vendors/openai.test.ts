import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { VendorError } from '#api/core/errors.ts'
import { Faults } from '../../sandbox/kit/faults.ts'
import { Journal } from '../../sandbox/kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from '../../sandbox/openai/start.ts'
import { openAiClient } from './openai.ts'

const faults = new Faults()
const journal = new Journal()
let standIn: OpenAiStandIn
beforeAll(async () => {
  standIn = await startOpenAi({ port: 0, apiKey: 'sk-sandbox', journal, faults })
})
afterEach(() => {
  faults.clear()
  journal.clear()
})
afterAll(() => standIn.close())
const client = (apiKey: string | null = 'sk-sandbox') =>
  openAiClient({ apiKey, baseUrl: standIn.url })
const failing = (status: number, times: number) =>
  faults.add({ vendor: 'openai', on: 'request', times, action: { type: 'status', status } })

test('each text gets its own normalised vector', async () => {
  const [one, two] = await client().embed(['We open at eight.', 'Refunds take five days.'])
  expect(one).toHaveLength(1_536)
  expect(Math.hypot(...(two ?? []))).toBeCloseTo(1, 3)
  expect(one).not.toEqual(two)
})

test('a hiccup is tried again, a refusal is not', async () => {
  failing(503, 1)
  expect(await client().embed(['again'])).toHaveLength(1)
  expect(journal.entries({ vendor: 'openai' })).toHaveLength(2)
  journal.clear()
  await expect(client('sk-other').embed(['no'])).rejects.toMatchObject({
    status: 401,
    retryable: false,
  })
  expect(journal.entries({ vendor: 'openai' })).toHaveLength(1)
})

test('a vendor that stays away is a retryable failure without the vendor’s words', async () => {
  failing(500, 99)
  const failure = await client()
    .embed(['down'])
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(VendorError)
  expect(failure).toMatchObject({ vendor: 'openai', status: 500, retryable: true })
})

test('without a key every call is refused and nothing is sent', async () => {
  await expect(client(null).embed(['a'])).rejects.toMatchObject({ retryable: false })
  expect(journal.entries({ vendor: 'openai' })).toHaveLength(0)
})
