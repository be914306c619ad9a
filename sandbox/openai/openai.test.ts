import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Faults } from '../kit/faults.ts'
import { Journal } from '../kit/journal.ts'
import { type OpenAiStandIn, startOpenAi } from './start.ts'

const faults = new Faults()
let openAi: OpenAiStandIn
let client: OpenAI
beforeAll(async () => {
  openAi = await startOpenAi({ port: 0, apiKey: 'sk-sandbox', journal: new Journal(), faults })
  client = clientWith('sk-sandbox')
})
afterEach(() => faults.clear())
afterAll(() => openAi.close())

const clientWith = (apiKey: string, maxRetries = 0) =>
  new OpenAI({ apiKey, baseURL: openAi.url, maxRetries })
const model = 'text-embedding-3-small'
async function vectors(...input: string[]): Promise<number[][]> {
  const { data } = await client.embeddings.create({ model, input })
  return data.map(({ embedding }) => embedding)
}
const cosine = (a: number[] = [], b: number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

test('the SDK gets one vector of length 1 for each input, in their order', async () => {
  const [first, second] = await vectors('We open at eight.', 'Refunds take five days.')
  expect(first).toHaveLength(1_536)
  expect(cosine(first, first)).toBeCloseTo(1, 3)
  expect(await vectors('We open at eight.')).toEqual([first])
  expect(second).not.toEqual(first)
})

test('texts about the same thing are nearer than texts about something else', async () => {
  const [question, answer, other] = await vectors(
    'How long does a refund take?',
    'Refunds are paid back within five working days of the return.',
    'Our office is open from eight to six on weekdays.',
  )
  expect(cosine(question, answer)).toBeGreaterThan(cosine(question, other) + 0.1)
})

test('numbers and base64 hold the same vector, and fewer dimensions may be asked for', async () => {
  const asked = { model, input: 'hello', dimensions: 256 }
  const numbers = await client.embeddings.create({ ...asked, encoding_format: 'float' })
  const packed = await client.embeddings.create({ ...asked, encoding_format: 'base64' })
  const text = packed.data[0]?.embedding as unknown as string
  const bytes = Buffer.from(text, 'base64')
  expect(bytes).toHaveLength(256 * 4)
  expect(bytes.readFloatLE(0)).toBeCloseTo(numbers.data[0]?.embedding[0] ?? 0, 6)
  expect(numbers.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 })
})

test.each([
  ['an empty text', { model, input: '' }, 400],
  ['no text at all', { model, input: [] }, 400],
  ['a text beyond the model’s context', { model, input: 'word '.repeat(7_000) }, 400],
  ['more texts than a request takes', { model, input: Array(2_049).fill('a') }, 400],
  ['more dimensions than the model has', { model, input: 'a', dimensions: 1_537 }, 400],
  ['a model that does not exist', { model: 'text-embedding-9', input: 'a' }, 404],
])('%s is refused', async (_what, asked, status) => {
  await expect(client.embeddings.create(asked)).rejects.toMatchObject({ status })
})

test('a wrong key and a missing one are refused', async () => {
  await expect(
    clientWith('sk-other').embeddings.create({ model, input: 'a' }),
  ).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  expect((await fetch(`${openAi.url}/models`)).status).toBe(401)
})

test('a limit that is reached once is survived by the SDK’s own retry', async () => {
  const headers = { 'retry-after-ms': '5' }
  const action = { type: 'status', status: 429, headers } as const
  faults.add({ vendor: 'openai', on: 'request', path: '/v1/embeddings', times: 1, action })
  const { data } = await clientWith('sk-sandbox', 2).embeddings.create({ model, input: 'a' })
  expect(data).toHaveLength(1)
})
