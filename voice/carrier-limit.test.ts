import { expect, test } from 'vitest'
import { CarrierLimit } from './carrier-limit.ts'
import { handWoundClock } from './clock.ts'

const LONG_MS = 60_000

/** Lets what was decided be done. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

function aLimit() {
  const clock = handWoundClock()
  const asked: { second: number; answer: PromiseWithResolvers<void> }[] = []
  const told: string[] = []
  const limit = new CarrierLimit(
    clock,
    (second) => {
      const answer = Promise.withResolvers<void>()
      asked.push({ second, answer })
      return answer.promise
    },
    { refused: () => told.push('refused'), taken: () => told.push('taken') },
  )
  const answer = async (how: 'taken' | 'refused') => {
    const newest = asked.at(-1)
    if (how === 'taken') newest?.answer.resolve()
    else newest?.answer.reject(new Error('refused'))
    await settle()
  }
  return { clock, limit, told, answer, seconds: () => asked.map(({ second }) => second) }
}

test('a refused limit is asked for again after a pause until it is taken, and then no more', async () => {
  const { clock, limit, told, answer, seconds } = aLimit()
  limit.moveTo(60)
  await answer('refused')
  limit.retry()
  expect(seconds()).toEqual([60])
  for (const how of ['refused', 'taken'] as const) {
    clock.advance(LONG_MS)
    limit.retry()
    await answer(how)
  }
  clock.advance(LONG_MS)
  limit.retry()
  expect(seconds()).toEqual([60, 60, 60])
  expect(told).toEqual(['refused', 'taken'])
})

test('a newer limit waits for the answer to the older one, which is not asked for again', async () => {
  const { clock, limit, told, answer, seconds } = aLimit()
  limit.moveTo(60)
  limit.moveTo(120)
  limit.retry()
  expect(seconds()).toEqual([60])
  await answer('refused')
  expect(seconds()).toEqual([60, 120])
  await answer('taken')
  clock.advance(LONG_MS)
  limit.retry()
  expect(seconds()).toEqual([60, 120])
  expect(told).toEqual(['refused', 'taken'])
})
