import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Limit, limitsFrom } from './limits.ts'
import { chunkOf, STEPS, stepMsOf, Window } from './window.ts'

const limit: Limit = { name: 'user', count: 600, windowSeconds: 60 }

test('a chunk is a twentieth of the limit, and small limits are asked about every time', () => {
  expect(chunkOf(limit)).toBe(30)
  expect(chunkOf({ ...limit, count: 20 })).toBe(1)
  expect(stepMsOf(limit)).toBe(3_000)
})

test('use is forgotten a step after it left the window, and not before', () => {
  const window = new Window(limit)
  window.learn([
    { startsMs: 3_000, used: 500 },
    { startsMs: 0, used: 100 },
  ])
  window.slideTo(62_999)
  expect(window.used).toBe(600)
  expect(window.msUntilRoomFor(1, 62_999)).toBe(1)
  expect(window.msUntilRoomFor(101, 62_999)).toBe(3_001)
  window.slideTo(63_000)
  expect(window.used).toBe(500)
  window.slideTo(66_000)
  expect(window.used).toBe(0)
})

test('what was admitted without a report for a whole window is no longer owed', () => {
  const window = new Window(limit)
  window.slideTo(0)
  window.unreported = 12
  window.slideTo(60_000)
  expect(window.used).toBe(12)
  window.slideTo(60_000 + 64_000)
  expect(window.used).toBe(0)
})

test('in no stretch of a window is more admitted than the limit, however arrivals fall', () => {
  const small: Limit = { name: 'user', count: 7, windowSeconds: 60 }
  const stepMs = stepMsOf(small)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }), (gaps) => {
      const window = new Window(small)
      const steps = new Map<number, number>()
      const admitted: number[] = []
      let nowMs = 0
      for (const gap of gaps) {
        nowMs += gap
        window.slideTo(nowMs)
        if (window.used >= small.count) continue
        admitted.push(nowMs)
        const startsMs = Math.floor(nowMs / stepMs) * stepMs
        steps.set(startsMs, (steps.get(startsMs) ?? 0) + 1)
        const known = [...steps].map(([starts, used]) => ({ startsMs: starts, used }))
        window.learn(known.filter((step) => step.startsMs >= startsMs - STEPS * stepMs))
      }
      for (const at of admitted) {
        const stretch = admitted.filter((other) => other >= at && other < at + 60_000)
        expect(stretch.length).toBeLessThanOrEqual(small.count)
      }
    }),
  )
})

test('counts are given by name, and anything else is refused', () => {
  expect(limitsFrom('')?.anonymous.count).toBe(60)
  expect(limitsFrom(' user=7, exports=3 ')).toMatchObject({
    user: { count: 7, windowSeconds: 60 },
    exports: { count: 3, windowSeconds: 3_600 },
    organization: { count: 3_000 },
  })
  for (const wrong of ['users=7', 'user', 'user=0', 'user=-1', 'user=1.5', 'user=7;exports=3'])
    expect(limitsFrom(wrong), wrong).toBeNull()
})
